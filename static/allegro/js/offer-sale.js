// The offer form: fields of the auction come with it; `/` finds a field by its name.
import { jumpTo } from "./controls.js";
import { whenPresent } from "./dom.js";

// Way of selling: the fields and durations of the chosen one -----------------------------------------------------

whenPresent("[data-al-formats]", (group) => {
  const form = group.closest("form");
  group.addEventListener("change", () => {
    const chosen = group.querySelector("input:checked")?.value;
    for (const part of form.querySelectorAll("[data-al-of-format]")) part.hidden = part.dataset.alOfFormat !== chosen;
    offerDurations(form, chosen);
    namePrice(form, group.dataset, chosen === "AUCTION");
  });
});

function offerDurations(form, format) {
  const select = form.elements.duration;
  const known = form.querySelector(`[data-al-durations="${CSS.escape(format)}"]`);
  const before = select.value;
  select.replaceChildren(known.content.cloneNode(true));
  if ([...select.options].some(({ value }) => value === before)) select.value = before;
}

/** In an auction the price is the one to buy at once, and nobody has to name it. */
function namePrice(form, words, isAuction) {
  const field = form.querySelector('[data-al-field="price"]');
  const label = field.querySelector("label");
  const name = document.createElement("strong");
  name.textContent = isAuction ? words.alPriceAtOnce : words.alPrice;
  const required = form.querySelector('[data-al-field="quantity"] .al-req').cloneNode(true);
  label.replaceChildren(...(isAuction ? [name.textContent] : [name, " ", required]));
  form.elements.price.required = !isAuction;
}

// The reason for an exemption: only with a rate that needs one ---------------------------------------------------

whenPresent("[data-al-exempt-rates]", (reason) => {
  const rate = reason.form.elements.vat_rate;
  const field = reason.closest("[data-al-field]");
  const needing = reason.dataset.alExemptRates.split(" ");
  const show = () => {
    field.hidden = !needing.includes(rate.value) && !reason.value && !field.querySelector(".al-error");
  };
  rate.addEventListener("change", show);
  show();
});

// Find a field ---------------------------------------------------------------------------------------------------

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("ł", "l").replaceAll("Ł", "L").toLowerCase();
const MOST = 12;

/** Without the word „wymagane”, which stands there hidden as well. */
function nameOf(label) {
  const bare = label.cloneNode(true);
  for (const word of bare.querySelectorAll(".al-req")) word.remove();
  return bare.textContent.trim();
}

/** Names and targets of what is on the form now: fields, then sections. */
function places() {
  const form = document.querySelector("form[data-al-offer]");
  const fields = [...form.querySelectorAll("label.al-label[for], fieldset[id] > legend, span.al-label[id]")].map((label) => ({
    name: nameOf(label),
    target: label.htmlFor ? document.getElementById(label.htmlFor) : label.closest("fieldset, [data-al-field]"),
  }));
  const sections = [...form.querySelectorAll("details.al-card > summary")].map((summary) => ({
    name: summary.querySelector("h2").textContent,
    target: summary,
  }));
  return [...fields, ...sections].filter(({ target }) => target && !target.closest("[hidden]"));
}

whenPresent("[data-al-find]", (input) => {
  const dialog = input.closest("dialog");
  const list = document.getElementById(input.getAttribute("aria-controls"));
  let found = [];
  let at = 0;

  const show = () => {
    const words = plain(input.value).split(/\s+/).filter(Boolean);
    found = places().filter(({ name }) => words.every((word) => plain(name).includes(word))).slice(0, MOST);
    at = 0;
    list.replaceChildren(
      ...found.map(({ name }, number) => {
        const option = document.createElement("li");
        option.id = `find-field-${number}`;
        option.role = "option";
        option.textContent = name;
        option.addEventListener("click", () => go(number));
        return option;
      }),
    );
    if (!found.length) list.textContent = list.dataset.alNone;
    mark();
  };
  const mark = () => {
    [...list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === at)));
    if (found.length) input.setAttribute("aria-activedescendant", `find-field-${at}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const go = (number) => {
    const place = found[number];
    if (!place) return;
    dialog.close();
    jumpTo(place.target);
    if (place.target.matches("summary")) place.target.parentElement.open = true;
  };

  new MutationObserver(() => {
    if (!dialog.open) return;
    input.value = "";
    show();
    input.focus();
  }).observe(dialog, { attributeFilter: ["open"] });
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") go(at);
    else if (event.key === "ArrowDown") at = Math.min(at + 1, found.length - 1);
    else if (event.key === "ArrowUp") at = Math.max(at - 1, 0);
    else return;
    event.preventDefault();
    mark();
  });
});
