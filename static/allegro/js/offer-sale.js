// The offer form: fields of the auction come with it, the main button follows the start; `/` finds a field.
import { jumpTo } from "./controls.js";
import { whenPresent } from "./dom.js";

// Way of selling: the fields and durations of the chosen one -----------------------------------------------------

whenPresent("[data-al-formats]", (group) => {
  const form = group.closest("form");
  group.addEventListener("change", () => {
    const chosen = group.querySelector("input:checked")?.value;
    for (const part of form.querySelectorAll("[data-al-of-format]")) part.hidden = part.dataset.alOfFormat !== chosen;
    offerDurations(form, chosen, group.dataset.alAuctionDuration);
    lockPieces(form, chosen === "AUCTION");
    namePrice(form, group.dataset, chosen === "AUCTION");
  });
});

/** What stood there before the auction, for as long as the page is open; it outlives a swapped form. */
const before = { duration: null, pieces: null };

function offerDurations(form, format, ofAuctions) {
  const select = form.elements.duration;
  const isAuction = format === "AUCTION";
  const former = select.value;
  const known = form.querySelector(`[data-al-durations="${CSS.escape(format)}"]`);
  select.replaceChildren(known.content.cloneNode(true));
  const offered = new Set([...select.options].map(({ value }) => value));
  const wanted = isAuction ? [former, ofAuctions] : [before.duration, former];
  select.value = wanted.find((each) => offered.has(each)) ?? select.options[0].value;
  before.duration = isAuction ? former : null;
}

/** One piece is auctioned. */
function lockPieces(form, isAuction) {
  const pieces = form.elements.quantity;
  if (isAuction) {
    before.pieces = pieces.value;
    pieces.value = "1";
  } else if (before.pieces !== null) {
    pieces.value = before.pieces;
    before.pieces = null;
  }
  pieces.readOnly = isAuction;
  for (const origin of pieces.closest("[data-al-field]").querySelectorAll(".al-origin")) origin.hidden = isAuction;
  const described = new Set((pieces.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
  described[isAuction ? "add" : "delete"](`${pieces.id}-help`);
  pieces.setAttribute("aria-describedby", [...described].join(" "));
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

// The main button says what it will do: list at once, or plan ---------------------------------------------------

whenPresent("[data-al-start][data-al-plan]", (day) => {
  const button = day.form.querySelector("[data-al-publish]");
  day.addEventListener("input", () => {
    // As ISO 8601 writes a day, whatever language the browser speaks.
    const today = new Date().toLocaleDateString("sv-SE", { timeZone: "Europe/Warsaw" });
    button.textContent = day.value && (day.type !== "date" || day.value >= today) ? day.dataset.alPlan : day.dataset.alList;
  });
});

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
