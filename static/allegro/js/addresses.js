// Does the shop know the address that the browser is at? <div data-al-address="https://shop.example">
import { whenPresent } from "./dom.js";

whenPresent("[data-al-address]", (box) => {
  const agrees = location.origin === box.dataset.alAddress;
  box.querySelector("[data-al-address-fine]").hidden = !agrees;
  box.querySelector("[data-al-address-wrong]").hidden = agrees;
  box.querySelector("[data-al-address-here]").textContent = location.origin;
});
