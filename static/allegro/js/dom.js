// Small ground shared by our modules: run code for elements now and after every swap, texts, one status line.

const wanted = [];

/** Run `start(element)` for each element matching `selector`, those that are swapped in later included. */
export function whenPresent(selector, start) {
  wanted.push([selector, start]);
  for (const element of document.querySelectorAll(selector)) start(element);
}

/** Called by fragments.js for each root it has put into the page. */
export function startAll(root) {
  for (const [selector, start] of wanted) {
    if (root.matches(selector)) start(root);
    for (const element of root.querySelectorAll(selector)) start(element);
  }
}

const texts = JSON.parse(document.querySelector("[data-al-texts]")?.dataset.alTexts ?? "{}");

/** A text of the page's language; the server sends them all in `data-al-texts`. */
export const text = (key) => texts[key] ?? key;

/** Say something to eyes and screen readers, in the live region that is on the page from the start. */
export function say(sentence) {
  const region = document.getElementById("al-live");
  if (region) region.textContent = sentence;
}

/** Show a note on top of the page; `kind` is ok, warn or bad. An empty sentence clears it. */
export function note(sentence, kind = "bad") {
  const region = document.getElementById("al-messages");
  if (!region) return;
  region.replaceChildren();
  if (!sentence) return;
  const box = document.createElement("div");
  box.className = `al-note al-note-${kind} mb-4`;
  const icon = document.createElement("i");
  icon.className = kind === "ok" ? "bi bi-check-circle-fill" : "bi bi-exclamation-octagon-fill";
  icon.setAttribute("aria-hidden", "true");
  const words = document.createElement("p");
  words.textContent = sentence;
  box.append(icon, words);
  region.append(box);
}
