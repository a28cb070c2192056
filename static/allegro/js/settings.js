// The settings page: ticks of the scope picker without asking the server.
import { whenPresent } from "./dom.js";

// <button data-al-tick="needed"> or "all" inside [data-al-scopes]
whenPresent("[data-al-tick]", (button) => {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const isWanted = (box) => button.dataset.alTick === "all" || box.matches("[data-al-needed]");
    for (const box of button.closest("[data-al-scopes]").querySelectorAll("input[type=checkbox]")) {
      if (box.checked === isWanted(box)) continue;
      box.checked = isWanted(box);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
});
