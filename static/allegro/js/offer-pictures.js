// Pictures of an offer: their order by drag, by keys and by buttons, files that are dropped or chosen.
import { note, say, whenPresent } from "./dom.js";

// Order ------------------------------------------------------------------------------------------------------------

const KEYS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
const FIRST = { Home: true };

whenPresent("[data-al-photos]", (list) => {
  let dragged = null;
  // While the offer is on its way nothing can be changed.
  const isShut = Boolean(list.closest("fieldset:disabled"));
  for (const tile of list.children) tile.draggable = !isShut;

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-al-move]");
    if (!button) return;
    event.preventDefault();
    const tile = button.closest("li");
    if (button.dataset.alMove === "main") makeMain(list, tile);
    else move(list, tile, button.dataset.alMove === "later" ? 1 : -1);
    const again = button.disabled || button.hidden ? tile.querySelector("[data-al-move]:not(:disabled, [hidden])") : button;
    again?.focus();
  });

  list.addEventListener("keydown", (event) => {
    if (isShut || event.target.parentElement !== list || event.ctrlKey || event.metaKey || event.altKey) return;
    const tile = event.target;
    if (FIRST[event.key]) makeMain(list, tile);
    else if (KEYS[event.key]) move(list, tile, KEYS[event.key]);
    else if (event.key === "Delete") leaveOut(tile);
    else return;
    event.preventDefault();
    tile.focus();
  });

  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("li");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged.classList.add("al-dragged");
  });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!dragged || isOfFiles(event)) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    const isBefore = over.compareDocumentPosition(dragged) & Node.DOCUMENT_POSITION_FOLLOWING;
    // Past the middle of the tile, so that tiles of one row do not jump to and fro.
    const half = box.left + box.width / 2;
    if (isBefore ? event.clientX < half || event.clientY < box.top : event.clientX > half || event.clientY > box.bottom) {
      if (isBefore) over.before(dragged);
      else over.after(dragged);
    }
  });
  list.addEventListener("drop", (event) => dragged && event.preventDefault());
  list.addEventListener("dragend", () => {
    dragged?.classList.remove("al-dragged");
    if (dragged) changed(list, dragged);
    dragged = null;
  });
  list.addEventListener("change", () => number(list));
});

function move(list, tile, by) {
  const neighbour = by > 0 ? tile.nextElementSibling : tile.previousElementSibling;
  if (!neighbour) return;
  if (by > 0) neighbour.after(tile);
  else neighbour.before(tile);
  changed(list, tile);
}

function makeMain(list, tile) {
  list.prepend(tile);
  tile.querySelector('[name="left_out"]').checked = false;
  changed(list, tile);
}

function leaveOut(tile) {
  const tick = tile.querySelector('[name="left_out"]');
  tick.checked = !tick.checked;
  tick.dispatchEvent(new Event("input", { bubbles: true }));
  tick.dispatchEvent(new Event("change", { bubbles: true }));
}

function changed(list, tile) {
  number(list);
  list.dispatchEvent(new Event("input", { bubbles: true }));
  say(list.dataset.alMoved.replace("{number}", [...list.children].indexOf(tile) + 1));
}

function number(list) {
  const tiles = [...list.children];
  let used = 0;
  tiles.forEach((tile, place) => {
    tile.querySelector('[data-al-move="earlier"]').disabled = place === 0;
    tile.querySelector('[data-al-move="later"]').disabled = place === tiles.length - 1;
    const isOut = tile.querySelector('[name="left_out"]').checked;
    const isMain = !isOut && used === 0;
    used += isOut ? 0 : 1;
    tile.classList.toggle("al-photo-out", isOut);
    rename(tile, isOut ? "" : `images.${used - 1}`);
    tile.querySelector('[data-al-move="main"]').hidden = isMain;
    const name = document.createElement(isMain ? "strong" : "span");
    const { alMain, alLeftOut, alNumber } = list.dataset;
    name.textContent = isMain ? alMain : isOut ? alLeftOut : alNumber.replace("{number}", place + 1);
    tile.querySelector("[data-al-place]").replaceChildren(name);
    renumber(tile, place + 1);
  });
  followNames(tiles);
  const count = document.querySelector("[data-al-count]");
  if (count) count.textContent = count.dataset.alCount.replace("{used}", used);
}

/** The server counts the pictures that are used; what was wrong with one that is left out goes with it. */
function rename(tile, field) {
  tile.dataset.alWas = tile.id;
  if (field) tile.dataset.alField = field;
  else {
    delete tile.dataset.alField;
    tile.classList.remove("al-photo-bad");
    for (const error of tile.querySelectorAll(".al-error")) error.remove();
  }
  const place = [...tile.parentElement.children].indexOf(tile) + 1;
  tile.id = field ? `f-${field.replace(".", "-")}` : `left-out-${place}`;
}

/** Links of the summary of problems lead to the same pictures as before. */
function followNames(tiles) {
  const links = [...document.querySelectorAll('[data-al-summary] a[href^="#f-images-"]')];
  const moves = links.map((link) => [link, tiles.find(({ dataset }) => `#${dataset.alWas}` === link.hash)]);
  for (const [link, tile] of moves) {
    if (!tile) continue;
    if (tile.dataset.alField) {
      link.hash = tile.id;
      link.textContent = link.textContent.replace(/\d+/, Number(tile.id.replace(/\D+/g, "")) + 1);
    } else link.closest("li").remove();
  }
  const summary = document.querySelector("[data-al-summary]");
  if (summary && !summary.querySelector("li")) summary.remove();
}

/** Names for screen readers hold one figure, the place: „Przesuń zdjęcie 2 wcześniej”. */
function renumber(tile, place) {
  const inPlace = (words) => words.replace(/\d+/, place);
  for (const named of [tile, ...tile.querySelectorAll("[aria-label]")]) named.ariaLabel = inPlace(named.ariaLabel);
  for (const said of tile.querySelectorAll("label .visually-hidden")) said.textContent = inPlace(said.textContent);
}

// Files ------------------------------------------------------------------------------------------------------------

const isOfFiles = (event) => event.dataTransfer?.types.includes("Files");

whenPresent("[data-al-drop]", (area) => {
  const input = area.querySelector("input[type=file]");
  const button = document.getElementById("do-upload");
  const section = area.closest("details");
  area.querySelector("[data-al-drop-words]").hidden = false;
  // One button is enough: it opens the choice, and what is chosen is sent.
  input.classList.add("visually-hidden");
  input.tabIndex = -1;
  input.addEventListener("change", send);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    input.click();
  });

  section.addEventListener("dragover", (event) => {
    if (!isOfFiles(event) || input.matches(":disabled")) return;
    event.preventDefault();
    area.classList.add("al-drop-over");
  });
  section.addEventListener("dragleave", (event) => {
    if (!section.contains(event.relatedTarget)) area.classList.remove("al-drop-over");
  });
  section.addEventListener("drop", (event) => {
    if (!isOfFiles(event) || input.matches(":disabled")) return;
    event.preventDefault();
    area.classList.remove("al-drop-over");
    input.files = event.dataTransfer.files;
    send();
  });

  function send() {
    if (!input.files.length) return;
    note("");
    say(area.dataset.alBusy);
    input.form.requestSubmit(button);
  }
});

// A file that misses the section must not replace the page.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    if (isOfFiles(event) && document.querySelector("[data-al-drop]") && !event.defaultPrevented) event.preventDefault();
  });
}

// Enter in a field presses the button beside it, not the first one of the form.
whenPresent("[data-al-enter]", (field) => {
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey) return;
    event.preventDefault();
    field.form.requestSubmit(document.getElementById(field.dataset.alEnter));
  });
});
