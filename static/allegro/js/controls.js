// Behaviour of single controls: copy, show what is typed, menus, dialogs, tab rows, unsaved changes.
import { say, text, whenPresent } from "./dom.js";

// <button data-al-copy="id-of-input">
whenPresent("[data-al-copy]", (button) => {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.alCopy);
    const value = source.value ?? source.textContent.trim();
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // Without https there is no clipboard; the older way works from a selection.
      if (source.select) source.select();
      else getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    say(text("copied"));
    flash(button);
  });
});

function flash(button) {
  const words = button.querySelector("[data-al-words]");
  const icon = button.querySelector(".bi");
  if (!words || button.dataset.alFlashing) return;
  button.dataset.alFlashing = "1";
  const before = words.textContent;
  button.style.minInlineSize = `${button.offsetWidth}px`;
  words.textContent = text("copied");
  icon?.classList.replace("bi-copy", "bi-check-lg");
  setTimeout(() => {
    words.textContent = before;
    icon?.classList.replace("bi-check-lg", "bi-copy");
    delete button.dataset.alFlashing;
  }, 2000);
}

// <button data-al-reveal="id-of-password-input">: uncovers only what is being typed; nothing else is ever there.
whenPresent("[data-al-reveal]", (button) => {
  const field = document.getElementById(button.dataset.alReveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const isShown = field.type === "password";
    field.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
    button.textContent = text(isShown ? "hide" : "show");
  });
});

// <details class="al-menu">: one open at a time, closed by Esc, by leaving and by a click elsewhere.
const openMenus = () => document.querySelectorAll(".al-menu[open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

// <a href="/fallback" data-al-dialog="id">: the dialog instead of the page that stands in for it without script.
whenPresent("[data-al-dialog]", (opener) => {
  const dialog = document.getElementById(opener.dataset.alDialog);
  if (!dialog) return;
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    const menu = opener.closest(".al-menu");
    if (menu) menu.open = false;
    dialog.showModal();
    dialog.addEventListener("close", () => (menu?.querySelector("summary") ?? opener).focus(), { once: true });
  });
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-al-close]")) event.target.closest("dialog")?.close();
});

// The current tab is never cut off at the edge.
whenPresent(".al-nav, .al-tabs", (row) => {
  const here = row.querySelector("[aria-current]");
  if (here && here.offsetLeft + here.offsetWidth > row.clientWidth) row.scrollLeft = here.offsetLeft - row.clientWidth / 2 + here.clientWidth / 2;
});

// <a href="#field">: opens the fold around the field, focuses it, scrolls it to a third of the height.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('.al a[href^="#"]');
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  jumpTo(field);
});

export function jumpTo(field) {
  for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const target = field.matches("input, select, textarea, button, a[href], summary") ? field : firstControl(field) ?? field;
  if (!target.matches("input, select, textarea, button, a[href], summary")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollBy({ top: target.getBoundingClientRect().top - innerHeight / 3, behavior: isCalm ? "instant" : "smooth" });
}

const firstControl = (box) => box.querySelector("input:not([type=hidden]), select, textarea, button");

// A problem summary that has just arrived takes the focus, so that it is read and the fields are one Tab away;
// not from the note on what a button has just settled among them.
whenPresent("[data-al-summary]", (summary) => {
  summary.tabIndex = -1;
  if (!document.querySelector("[data-al-settled]")) summary.focus();
});

// A page that came after a deed would begin at its top: what became of the deed takes the focus, unless problems or
// a field have it already. Only when the page is opened, as a list that is fetched anew must not call it back.
const told = document.querySelector("[data-al-told]");
if (told && document.activeElement === document.body && !document.querySelector("[autofocus], dialog[open]")) {
  const opened = performance.getEntriesByType("navigation")[0]?.type;
  if (opened !== "back_forward") told.focus();
}

// <form data-al-guard>: the browser asks before leaving, but only while something is really unsaved; a form that the
// server sends back with problems is (`data-al-guard="unsaved"`).
const unsaved = new Set();
whenPresent("form[data-al-guard]", (form) => {
  if (form.dataset.alGuard === "unsaved") unsaved.add(form);
  form.addEventListener("input", () => unsaved.add(form));
  form.addEventListener("submit", () => unsaved.delete(form));
});
addEventListener("beforeunload", (event) => {
  if ([...unsaved].some((form) => form.isConnected)) event.preventDefault();
});

/** The form has been saved by other means (autosave). */
export const markSaved = (form) => unsaved.delete(form);
