// Fetch and swap: a form or link marked `data-al-swap` is sent by script, and what returns replaces the elements
// of the same id. `data-al-poll="/address"` asks again, ever more slowly, until an answer comes without it; with
// `data-al-pause="10000"` always after so many milliseconds, and without a word when the shop cannot be reached.
import { note, startAll, text, whenPresent } from "./dom.js";

const HEADER = "X-Allegro-Fragment";
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 10000;

/**
 * Fetch an address as a fragment and put the answer into the page. Answers the roots that were swapped in.
 * With `isQuiet` a failure is only thrown: the caller says it in its own place.
 */
export async function fetchAndSwap(address, { isQuiet = false, ...options } = {}, mayRepeat = true) {
  const headers = { ...options.headers, [HEADER]: "1" };
  let response;
  try {
    response = await fetch(address, { credentials: "same-origin", ...options, headers });
  } catch (failure) {
    if (!isQuiet && failure.name !== "AbortError") note(text("offline"));
    throw failure;
  }
  if (response.headers.has("X-Allegro-Csrf")) {
    renewToken(response.headers.get("X-Allegro-Csrf"));
    if (mayRepeat && options.body instanceof FormData) {
      options.body.set("csrf_token", response.headers.get("X-Allegro-Csrf"));
      return fetchAndSwap(address, { isQuiet, ...options }, false);
    }
  }
  if (isQuiet && !response.ok) throw new Error(`answered ${response.status}`);
  const elsewhere = response.headers.get("X-Allegro-Go");
  if (elsewhere || response.redirected) {
    location.assign(elsewhere ?? response.url);
    return [];
  }
  const newAddress = response.headers.get("X-Allegro-Address");
  if (newAddress) history.replaceState(history.state, "", newAddress);
  const roots = swap(await response.text());
  if (!response.ok && roots.length === 0) note(text("failed"));
  return roots;
}

/** Replace elements by those of the same id in `html`. */
export function swap(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const roots = [];
  for (const fresh of [...parsed.body.children]) {
    const stale = fresh.id && document.getElementById(fresh.id);
    if (!stale) continue;
    keepOpen(stale, fresh);
    keepSecrets(stale, fresh);
    const focus = focusWithin(stale);
    stale.replaceWith(fresh);
    restoreFocus(focus, fresh);
    startAll(fresh);
    fresh.dispatchEvent(new CustomEvent("al:swapped", { bubbles: true }));
    roots.push(fresh);
  }
  return roots;
}

function keepOpen(stale, fresh) {
  for (const fold of stale.querySelectorAll("details[id][open]")) {
    const twin = fresh.querySelector(`details#${CSS.escape(fold.id)}`);
    if (twin) twin.open = true;
  }
}

// The server never sends a secret back; one that it could not store yet stays in the field as typed.
function keepSecrets(stale, fresh) {
  for (const field of fresh.querySelectorAll("input[data-al-keep]")) {
    const typed = stale.querySelector(`#${CSS.escape(field.id)}`);
    if (typed) field.value = typed.value;
  }
}

function focusWithin(stale) {
  // A button that is disabled while its form is on the way loses the focus at once.
  const active = document.activeElement === document.body ? submitter : document.activeElement;
  if (!active || !stale.contains(active)) return null;
  const { id, name, value } = active;
  // Of several buttons or ticks of one name, the value tells which.
  const isChoice = active.matches("button, [type=radio], [type=checkbox], [type=submit]");
  return { id, name, value: isChoice ? value : null, from: active.selectionStart ?? null, to: active.selectionEnd ?? null };
}

function restoreFocus(focus, fresh) {
  const wanted = fresh.querySelector("[data-al-focus]");
  if (!focus && !wanted) return;
  const again =
    wanted ||
    (focus.id && document.getElementById(focus.id)) ||
    sameControl(focus, fresh) ||
    fresh.querySelector("h1, h2, h3") ||
    fresh;
  if (!again.matches("a[href], button, input, select, textarea, summary, [tabindex]")) again.tabIndex = -1;
  again.focus({ preventScroll: !wanted });
  if (focus && focus.from !== null && again.id === focus.id && again.setSelectionRange) {
    try {
      again.setSelectionRange(focus.from, focus.to);
    } catch {
      // Inputs of type number or date have no selection.
    }
  }
}

function sameControl({ name, value }, fresh) {
  if (!name) return null;
  const alike = [...fresh.querySelectorAll(`[name="${CSS.escape(name)}"]:not([type=hidden], [aria-hidden=true], :disabled)`)];
  return alike.find((each) => value === null || each.value === value) ?? null;
}

function renewToken(token) {
  for (const input of document.querySelectorAll('input[name="csrf_token"]')) input.value = token;
}

// Pressed buttons ------------------------------------------------------------------------------------------------

const pressed = new Set();
let submitter = null;

/** Disable the button and let it say what is happening; answers the way back. */
export function busy(button) {
  if (!button) return () => {};
  const before = button.innerHTML;
  button.style.minInlineSize = `${button.offsetWidth}px`;
  button.disabled = true;
  if (button.dataset.alBusy) button.textContent = button.dataset.alBusy;
  const free = () => {
    pressed.delete(free);
    button.disabled = false;
    button.innerHTML = before;
    button.style.minInlineSize = "";
  };
  pressed.add(free);
  return free;
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.closest(".al")) return;
  const button = event.submitter;
  if (!form.matches("[data-al-swap]") || button?.matches("[data-al-whole]")) {
    // The browser has taken the button's value by the next turn; only then may it be disabled.
    if (button?.dataset.alBusy) setTimeout(() => busy(button));
    return;
  }
  event.preventDefault();
  const data = new FormData(form, button);
  submitter = document.activeElement === button ? button : null;
  const free = busy(button);
  const address = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
  form.setAttribute("aria-busy", "true");
  try {
    if (form.method === "get") {
      const asked = new URL(address, location.href);
      asked.search = new URLSearchParams(data).toString();
      await fetchAndSwap(asked);
      history.replaceState(history.state, "", asked);
    } else {
      await fetchAndSwap(address, { method: "POST", body: data });
    }
  } catch {
    // Said on the page; what was typed still stands in the form.
  } finally {
    free();
    // It lost the focus when it was disabled, and stands there still.
    if (document.activeElement === document.body && button?.isConnected && submitter) button.focus({ preventScroll: true });
    submitter = null;
    form.removeAttribute("aria-busy");
  }
});

// A page that comes back from the browser's memory must not keep its buttons disabled.
addEventListener("pageshow", () => {
  for (const free of [...pressed]) free();
});

document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-al-swap]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  try {
    await fetchAndSwap(link.href);
    if (link.dataset.alSwap === "address") history.replaceState(history.state, "", link.href);
  } catch {
    // Said on the page.
  }
});

// Polling --------------------------------------------------------------------------------------------------------

const pauses = new Map();

whenPresent("[data-al-poll]", (element) => {
  const pause = Number(element.dataset.alPause) || (pauses.get(element.dataset.alPoll) ?? FIRST_PAUSE);
  pauses.set(element.dataset.alPoll, Math.min(pause * 1.5, LONGEST_PAUSE));
  setTimeout(() => askAgain(element), pause);
});

let isOffline = false;

async function askAgain(element) {
  if (!element.isConnected) return;
  if (document.hidden) {
    document.addEventListener("visibilitychange", () => askAgain(element), { once: true });
    return;
  }
  const isQuiet = "alPause" in element.dataset;
  try {
    await fetchAndSwap(element.dataset.alPoll, { isQuiet });
    // Only what was said of the connection is taken back: other notes on the page are none of ours.
    if (isOffline) note("");
    isOffline = false;
  } catch {
    // The connection may be back by the next look.
    isOffline ||= !isQuiet;
  }
  // An answer that did not replace this element (an error, another id) leaves it asking.
  if (element.isConnected) setTimeout(() => askAgain(element), LONGEST_PAUSE);
}
