// Produkt Allegro: once the catalogue has answered, the form shows the product's category and features, unless the
// seller is just typing; then the button in the card does it.
import { whenPresent } from "./dom.js";

document.addEventListener("al:swapped", ({ target }) => {
  if (target.id !== "offer-product" || !target.dataset.alSettled) return;
  const form = target.closest("form");
  const button = target.querySelector("[data-al-take-over]");
  const isTyping = document.activeElement?.matches("input, textarea, select") && form?.contains(document.activeElement);
  if (form && button && !isTyping && form.ariaBusy !== "true") form.requestSubmit(button);
});

// Safety of a further product of a set: the text only where a text is what is given.
whenPresent("[data-al-set-safety]", (choice) => {
  const field = document.getElementById(choice.dataset.alSetSafety).closest("[data-al-field]");
  const show = () => (field.hidden = choice.value !== "text");
  choice.addEventListener("change", show);
  show();
});
