// Ticked rows of a list: <table data-al-selection="id of the bulk bar">, a tick `data-al-pick` in each row. Without
// script the bar is always there; with it, it comes with the first tick, says how many and sums their values.
import { whenPresent } from "./dom.js";

// What was ticked stays so when the list is fetched anew.
const ticked = new Set();

whenPresent("[data-al-selection]", (table) => {
  const bar = document.getElementById(table.dataset.alSelection);
  const all = table.querySelector("[data-al-pick-all]");
  const picks = [...table.querySelectorAll("[data-al-pick]")];
  let last = null;
  if (!bar || !all) return;

  const show = () => {
    const chosen = picks.filter((pick) => pick.checked);
    for (const pick of picks) {
      pick.closest("tr").setAttribute("aria-selected", String(pick.checked));
      if (pick.checked) ticked.add(pick.value);
      else ticked.delete(pick.value);
    }
    bar.hidden = chosen.length === 0;
    const words = bar.querySelector("[data-al-picked]");
    words.textContent = words.dataset.alPicked.replace("{num}", chosen.length);
    all.checked = chosen.length === picks.length && picks.length > 0;
    all.indeterminate = chosen.length > 0 && !all.checked;
    showSum(table, chosen);
  };

  for (const pick of picks) {
    pick.checked = pick.checked || ticked.has(pick.value);
    pick.addEventListener("click", (event) => {
      const from = picks.indexOf(last);
      const to = picks.indexOf(pick);
      if (event.shiftKey && from >= 0) {
        for (const between of picks.slice(Math.min(from, to), Math.max(from, to) + 1)) between.checked = pick.checked;
      }
      last = pick;
      show();
    });
  }
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const pick of picks) pick.checked = all.checked;
    show();
  });
  // A page taken from the browser's memory comes with its ticks a moment later.
  addEventListener("pageshow", () => show());
  show();
});

function showSum(table, chosen) {
  const place = table.closest("section").querySelector("[data-al-sum]");
  if (!place) return;
  const sums = new Map();
  for (const { dataset } of chosen) {
    const cents = Math.round(Number(dataset.alAmount) * 100);
    sums.set(dataset.alCurrency, (sums.get(dataset.alCurrency) ?? 0) + cents);
  }
  const language = table.closest("[lang]")?.lang ?? "pl";
  const words = [...sums].map(([currency, cents]) =>
    new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol", useGrouping: "always" }).format(cents / 100),
  );
  place.textContent = chosen.length ? `· ${place.dataset.alWords} ${words.join(" + ")}` : "";
}
