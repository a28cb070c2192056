// The button *Drukuj* of the page that is printed; without scripts the browser's own menu does it.
const button = document.querySelector("[data-al-print]");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
