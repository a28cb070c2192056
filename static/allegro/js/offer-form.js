// The offer form: counter of the title, preview of the description, autosave, keys, progress.
import { jumpTo, markSaved } from "./controls.js";
import { say, whenPresent } from "./dom.js";
import { busy, fetchAndSwap } from "./fragments.js";
import { sayAt } from "./parameter-errors.js";

whenPresent("[data-al-without-script]", (element) => {
  element.hidden = true;
});

// Title: as Allegro counts it, entities by their length ----------------------------------------------------------

const ENTITIES = { "&": 5, "<": 4, ">": 4, '"': 6 };
const lengthOf = (title) => [...title.trim()].reduce((sum, letter) => sum + (ENTITIES[letter] ?? 1), 0);

whenPresent("[data-al-title]", (title) => {
  const help = document.getElementById(`${title.id}-help`);
  title.addEventListener("input", () => {
    help.textContent = title.dataset.alWords
      .replace("{length}", lengthOf(title.value))
      .replace("{max}", title.dataset.alTitle);
  });
});

// Description: a preview of the tags that Allegro takes, and of nothing else ------------------------------------------

const TAGS = new Set(["H1", "H2", "P", "UL", "OL", "LI", "B"]);

whenPresent("[data-al-description]", (area) => {
  area.addEventListener("input", () => {
    // With a template the server fills it, at the next saving.
    const target = area.closest("details, form").querySelector("[data-al-described]");
    if (!target) return;
    const typed = new DOMParser().parseFromString(area.value, "text/html");
    target.replaceChildren(...[...typed.body.childNodes].flatMap(bare));
  });
});

/** The node without attributes and foreign tags; the words of these stay. */
function bare(node) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
  if (node.nodeType !== Node.ELEMENT_NODE || node.matches("script, style")) return [];
  const inner = [...node.childNodes].flatMap(bare);
  if (!TAGS.has(node.tagName)) return inner;
  const copy = document.createElement(node.tagName);
  copy.append(...inner);
  return [copy];
}

// Autosave: two seconds after the last change, and at leaving a field --------------------------------------------------

const PAUSE = 2000;
const PAUSE_AFTER_FAILURE = 10000;
/** Of an offer that Allegro has only our copy is saved: it gets nothing without the button. */
const SAVED_BY_ITSELF = ["draft", "refused", "active", "planned", "inactive", "ended"];
/** What is on its way, by form: a version saved meanwhile would collide with the one a button sends. */
const underway = new WeakMap();
const timers = new WeakMap();
const unsaved = new WeakSet();

whenPresent("form[data-al-offer]", (form) => {
  if (!SAVED_BY_ITSELF.includes(form.dataset.alState)) return;
  form.addEventListener("input", (event) => {
    // Where a value came from is over once it is typed over.
    if (event.isTrusted) event.target.closest(".al-field")?.querySelector(":scope > .al-origin")?.remove();
    unsaved.add(form);
    plan(form, PAUSE);
  });
  form.addEventListener("change", () => plan(form, PAUSE / 10));
  form.addEventListener("focusout", () => setTimeout(() => unsaved.has(form) || sayWrong(form)));
});

function plan(form, pause) {
  clearTimeout(timers.get(form));
  if (!unsaved.has(form)) return;
  timers.set(
    form,
    setTimeout(() => saveQuietly(form), pause),
  );
}

async function saveQuietly(form) {
  if (!form.isConnected || form.ariaBusy === "true" || !unsaved.has(form)) return;
  if (underway.has(form)) {
    plan(form, PAUSE);
    return;
  }
  const line = () => document.getElementById("offer-saved");
  const body = new FormData(form);
  body.set("action", "autosave");
  unsaved.delete(form);
  // Not form.action: that is the form's own control of this name.
  const sending = fetchAndSwap(form.getAttribute("action"), { method: "POST", body });
  underway.set(form, sending);
  try {
    const roots = await sending;
    if (!roots.some(({ id }) => ["offer", "offer-complete"].includes(id))) throw new Error("the draft was not saved");
    if (!unsaved.has(form)) markSaved(form);
    dropCorrected(form);
    sayWrong(form);
  } catch {
    unsaved.add(form);
    line().textContent = line().dataset.alFailed;
    plan(form, PAUSE_AFTER_FAILURE);
  } finally {
    underway.delete(form);
  }
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("form[data-al-offer]")) return;
    clearTimeout(timers.get(form));
    const sending = underway.get(form);
    if (!sending) {
      unsaved.delete(form);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    // Pressed is pressed: the button says so while it waits, and cannot be pressed twice.
    const free = busy(button);
    const submit = () => {
      free();
      if (document.activeElement === document.body) button?.focus({ preventScroll: true });
      if (form.isConnected) form.requestSubmit(button);
    };
    sending.catch(() => {}).finally(() => setTimeout(submit));
  },
  true,
);

/** Errors of fields that the server no longer finds fault with. */
function dropCorrected(form) {
  const complete = document.getElementById("offer-complete");
  if (!complete) return;
  const faulty = new Set(complete.dataset.alFaulty.split(" "));
  for (const field of form.querySelectorAll("[data-al-field]")) {
    if (!faulty.has(field.dataset.alField)) dropErrors(field);
  }
  const summary = form.querySelector("[data-al-summary]");
  for (const link of summary?.querySelectorAll("a") ?? []) {
    const target = document.getElementById(link.hash.slice(1));
    if (target && !target.closest("li, [data-al-field]")?.querySelector(".al-error")) link.closest("li").remove();
  }
  if (summary && !summary.querySelector("li")) summary.remove();
}

/** What autosave found wrong stands at its field, once that has been left; features have an engine of their own. */
function sayWrong(form) {
  for (const entry of document.querySelectorAll("#offer-complete [data-al-wrong]")) {
    const name = entry.dataset.alWrong;
    const field = form.querySelector(`.al-field[data-al-field="${CSS.escape(name)}"]:not([data-al-parameter])`);
    if (!field || field.contains(document.activeElement)) continue;
    for (const former of field.querySelectorAll(":scope > .al-error:not([data-al-live])")) former.remove();
    sayAt(field, name, [entry.querySelector("span").textContent]);
  }
}

function dropErrors(field) {
  // Sections of a description hold fields of their own.
  const own = (selector) => [...field.querySelectorAll(selector)].filter((each) => each.closest("[data-al-field]") === field);
  for (const error of own(".al-error")) error.remove();
  for (const control of own("[aria-invalid]")) control.removeAttribute("aria-invalid");
  field.classList.remove("al-photo-bad");
}

// Keys: F8 next problem, Alt+1 to Alt+9 sections -----------------------------------------------------------------------

document.addEventListener(
  "keydown",
  (event) => {
    const form = document.querySelector("form[data-al-offer]");
    if (!form || document.querySelector("dialog[open]")) return;
    const section = event.altKey && !event.ctrlKey && /^Digit[1-9]$/.test(event.code) && event.code.slice(-1);
    const target = section
      ? document.querySelector(`#section-${section} > summary, #sent-${section} > summary`)
      : event.key === "F8" && nextProblem(form, event.shiftKey);
    if (!target) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    jumpTo(target);
    if (section) target.parentElement.open = true;
  },
  true,
);

function nextProblem(form, isBackwards) {
  const links = [...document.querySelectorAll('#problems a[href^="#"], #offer-complete a[href^="#"]')];
  const targets = links.map((link) => document.getElementById(link.hash.slice(1))).filter(Boolean);
  const inOrder = [...new Set(targets)].sort((one, other) => (one.compareDocumentPosition(other) & 4 ? -1 : 1));
  if (isBackwards) inOrder.reverse();
  const active = document.activeElement;
  const isPassed = (target) => target === active || target.contains(active);
  const here = inOrder.findIndex(isPassed);
  const side = isBackwards ? Node.DOCUMENT_POSITION_PRECEDING : Node.DOCUMENT_POSITION_FOLLOWING;
  const ahead = here >= 0 ? inOrder[here + 1] : inOrder.find((each) => active.compareDocumentPosition(each) & side);
  return ahead ?? inOrder[0];
}

// Progress: spoken when the step changes, not at every picture ----------------------------------------------------------

let spoken = document.getElementById("offer-status")?.dataset.alSay ?? "";

document.addEventListener("al:swapped", () => {
  const status = document.getElementById("offer-status");
  const words = status?.dataset.alSay ?? "";
  if (words && words !== spoken) say(words);
  spoken = words;
});
