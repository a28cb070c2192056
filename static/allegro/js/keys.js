// Keyboard: `data-al-keys="g o"` or `"Control+Enter"` on a link or button; rows of lists; `?` shows them all.
// Single keys do nothing inside fields and can be switched off altogether (WCAG 2.1.4).
import { whenPresent } from "./dom.js";

const SWITCH = "allegro-single-keys";
const areSingleKeysOn = () => localStorage.getItem(SWITCH) !== "off";
const isTyping = (element) => element.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

let first = "";
let forget;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.key === "Shift" || event.key === "Control") return;
  if (event.ctrlKey || event.metaKey || event.altKey) return pressChord(event);
  if (isFunctionKey(event.key)) return press(event, event.key);
  if (!areSingleKeysOn() || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const sequence = first ? `${first} ${event.key}` : event.key;
  if (press(event, sequence) || actOnRow(event)) return reset();
  reset();
  if (document.querySelector(`[data-al-keys^="${CSS.escape(event.key)} "]`)) {
    first = event.key;
    forget = setTimeout(reset, 1200);
  }
});

const isFunctionKey = (key) => /^F\d+$/.test(key);

function reset() {
  first = "";
  clearTimeout(forget);
}

function pressChord(event) {
  const parts = [(event.ctrlKey || event.metaKey) && "Control", event.altKey && "Alt", event.shiftKey && "Shift"];
  return press(event, [...parts.filter(Boolean), event.key].join("+"));
}

function press(event, keys) {
  const target = document.querySelector(`[data-al-keys="${CSS.escape(keys)}"]`);
  if (!target || target.disabled) return false;
  event.preventDefault();
  if (target.matches("input, select, textarea")) target.focus();
  else if (target.matches("dialog")) target.showModal();
  else target.click();
  return true;
}

// Rows: j and k move, x ticks, Shift+x ticks all from the last tick on, e and p follow the row's link, Enter opens it.
const rows = () => [...document.querySelectorAll("[data-al-row]")];

function actOnRow(event) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  if (event.key === "j" || event.key === "k") {
    const next = all[event.key === "j" ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0)];
    if (!next) return false;
    next.tabIndex = -1;
    next.focus();
    event.preventDefault();
    return true;
  }
  if (at < 0) return false;
  const selector = { x: "[data-al-pick]", X: "[data-al-pick]", e: "[data-al-edit]", p: "[data-al-preview]" }[event.key];
  const isOpening = event.key === "Enter" && document.activeElement === all[at];
  const target = all[at].querySelector(isOpening ? "[data-al-open]" : selector ?? ":not(*)");
  if (event.key === "X") target?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
  else target?.click();
  if (target) event.preventDefault();
  return Boolean(target);
}

whenPresent("[data-al-single-keys]", (tick) => {
  tick.checked = areSingleKeysOn();
  tick.addEventListener("change", () => localStorage.setItem(SWITCH, tick.checked ? "on" : "off"));
});
