// The editor of a delivery price list: what will change, live; rows found by name or country; Ctrl+D copies down.
import { say, whenPresent } from "./dom.js";

const rowsOf = (form) => [...form.querySelectorAll("tr[data-al-method]")];
const tickOf = (row) => row.querySelector(".al-pick input");
const partsOf = (row) => [...row.querySelectorAll("input[data-al-part]")];

whenPresent("form[data-al-price-list]", (form) => {
  form.addEventListener("input", () => tell(form));
  form.addEventListener("change", complain);
  form.addEventListener("keydown", (event) => copyDown(form, event));
  form.addEventListener("keydown", keepTyped);
  whenPresent("[data-al-destination]", (select) => (select.hidden = false));
  form.querySelector("[data-al-sought]")?.addEventListener("input", () => find(form));
  form.querySelector("[data-al-destination]")?.addEventListener("change", () => find(form));
  form.querySelector("#show-off")?.addEventListener("change", () => find(form));
});

// What will change ---------------------------------------------------------------------------------------------

function tell(form) {
  const box = document.getElementById("price-list-changes");
  if (!box) return;
  const lines = [...headLines(form), ...rowsOf(form).flatMap((row) => rowLines(row, box.dataset))];
  const list = document.createElement("ul");
  list.className = "al-list al-list-lines al-small";
  list.append(...lines.map(item));
  const nothing = document.createElement("p");
  nothing.className = "al-muted al-small";
  nothing.textContent = box.dataset.alNone;
  box.replaceChildren(lines.length ? list : nothing);
  const count = form.querySelector("[data-al-change-count]");
  count.hidden = !lines.length;
  count.textContent = lines.length;
  countOn(form);
  countSmart(form);
}

function headLines(form) {
  return [...form.querySelectorAll("input[data-al-what]:not(tr *)")]
    .filter((field) => field.value.trim() !== field.dataset.alWas)
    .map((field) => [field.dataset.alWhat, field.dataset.alWas || "–", field.value.trim() || "–"]);
}

function rowLines(row, words) {
  const tick = tickOf(row);
  const was = tick.dataset.alWas === "1";
  if (tick.checked !== was) {
    const price = row.querySelector('[data-al-part="first"]');
    const on = (value) => [words.alOn, value && shown(price, value)].filter(Boolean).join(", ");
    return [[tick.dataset.alWhat, was ? on(price.dataset.alWas) : words.alOff, was ? words.alOff : on(price.value.trim())]];
  }
  if (!tick.checked) return [];
  return partsOf(row)
    .filter((field) => plain(field.value) !== plain(field.dataset.alWas))
    .map((field) => [field.dataset.alWhat, shown(field, field.dataset.alWas), shown(field, field.value.trim())]);
}

const shown = (field, value) => (value ? `${value}${field.dataset.alUnit ? `\u00a0${field.dataset.alUnit}` : ""}` : "–");

/** „9,5”, „9.50” and „9,50 zł” are the same price. */
function plain(text) {
  const bare = text.replace(/[\s\u00a0]|zł|pln|kg|kč|czk|€|eur|ft|huf/gi, "").replace(",", ".");
  return /^\d+(\.\d*)?$/.test(bare) ? String(Number(bare)) : bare;
}

function item([what, before, after]) {
  const line = document.createElement("li");
  const del = document.createElement("del");
  del.className = "al-muted";
  del.textContent = before;
  const ins = document.createElement("ins");
  ins.className = "fw-semibold text-decoration-none";
  ins.textContent = after;
  line.append(what, document.createElement("br"), del, " → ", ins);
  return line;
}

function countOn(form) {
  const words = form.querySelector("[data-al-counter]");
  const rows = rowsOf(form);
  const on = rows.filter((row) => tickOf(row).checked).length;
  words.textContent = words.dataset.alOf.replace("{on}", on).replace("{all}", rows.length);
}

function countSmart(form) {
  const card = form.querySelector("[data-al-smart]");
  const bound = rowsOf(form).filter((row) => "alEndorsed" in row.dataset && tickOf(row).checked);
  const over = bound.filter(isOver).length;
  show(card, "within", bound.length - over);
  show(card, "over", over);
  card.querySelector("[data-al-some]").hidden = !bound.length;
  card.querySelector("[data-al-nothing]").hidden = bound.length > 0;
}

function show(card, name, number) {
  const line = card.querySelector(`[data-al-${name}]`);
  line.hidden = !number;
  line.querySelector("[data-al-number]").textContent = number;
}

const priceOf = (row) => row.querySelector('[data-al-part="first"]');

function isOver(row) {
  const price = plain(priceOf(row).value);
  return row.dataset.alLimit !== "" && /^\d+(\.\d*)?$/.test(price) && Number(price) > Number(row.dataset.alLimit);
}

// A price over Allegro's limit is answered when its field is left, as the server would answer it.
function complain(event) {
  const field = event.target.closest?.('[data-al-part="first"]');
  if (!field) return;
  const id = `${field.id}-error`;
  document.getElementById(id)?.remove();
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
  const row = field.closest("tr");
  if (!isOver(row)) return;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", id);
  field.closest("td").append(mistake(id, row.dataset.alOver));
}

function mistake(id, words) {
  const line = document.createElement("p");
  line.className = "al-error mt-1";
  line.id = id;
  const icon = document.createElement("i");
  icon.className = "bi bi-exclamation-circle-fill";
  icon.setAttribute("aria-hidden", "true");
  const text = document.createElement("span");
  text.textContent = words;
  line.append(icon, text);
  return line;
}

// Keyboard -----------------------------------------------------------------------------------------------------

// Ctrl+D: the value of this field in all rows below it that are switched on, as in a spreadsheet.
function copyDown(form, event) {
  const field = event.target.closest?.("tr[data-al-method] input");
  if (!field || event.key.toLowerCase() !== "d" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  event.preventDefault();
  const rows = rowsOf(form).filter((row) => row.getClientRects().length);
  const below = rows.slice(rows.findIndex((row) => row.contains(field)) + 1);
  const changed = below.filter((row) => copyTo(row, field)).length;
  if (changed) field.dispatchEvent(new Event("input", { bubbles: true }));
  say(`${changed} ↓`);
}

function copyTo(row, field) {
  if (field.type === "checkbox") {
    const isOther = tickOf(row).checked !== field.checked;
    tickOf(row).checked = field.checked;
    return isOther;
  }
  const twin = row.querySelector(`input[data-al-part="${field.dataset.alPart}"]`);
  // A price goes only to prices of the same currency.
  if (!twin || !tickOf(row).checked || twin.dataset.alUnit !== field.dataset.alUnit || twin.value === field.value) return false;
  twin.value = field.value;
  return true;
}

// Enter in the search field finds; it must not send the price list.
function keepTyped(event) {
  if (event.key !== "Enter" || !event.target.matches?.("[data-al-sought]")) return;
  event.preventDefault();
  event.target.parentElement.querySelector("button[name=find]").click();
}

// Finding ------------------------------------------------------------------------------------------------------

function find(form) {
  const name = form.querySelector("[data-al-sought]")?.value.trim().toLowerCase() ?? "";
  const country = form.querySelector("[data-al-destination]")?.value ?? "";
  const fits = (row) =>
    row.dataset.alName.includes(name) && (!country || !row.dataset.alTo || row.dataset.alTo === country);
  // A row with a mistake stays whatever is looked for.
  for (const row of rowsOf(form)) row.hidden = !fits(row) && !row.querySelector("[aria-invalid=true]");
  const isHit = rowsOf(form).some((row) => fits(row) && row.getClientRects().length);
  const nothing = form.querySelector("[data-al-no-hit]");
  if (nothing) nothing.hidden = !(name || country) || isHit;
}
