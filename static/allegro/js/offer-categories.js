// Category picker: results follow the typing, suggestions come by themselves where there is nothing to go by, arrow
// keys walk along the lists. Without script buttons and links do the same.
import { whenPresent } from "./dom.js";
import { fetchAndSwap } from "./fragments.js";

const PAUSE = 250;

whenPresent("form[data-al-search]", (form) => {
  let timer;
  let asking = new AbortController();
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      asking.abort();
      asking = new AbortController();
      const address = new URL(form.getAttribute("action"), location.href);
      address.search = new URLSearchParams(new FormData(form)).toString();
      try {
        await fetchAndSwap(address, { signal: asking.signal });
        history.replaceState(history.state, "", address);
      } catch {
        // Typed on meanwhile, or said on the page.
      }
    }, PAUSE);
  });
});

whenPresent("[data-al-with-script]", (hint) => {
  hint.hidden = false;
});

whenPresent("form[data-al-at-once]", (form) => form.requestSubmit());

// Keys: up and down along the list, right into a level, left out of it ------------------------------------------------

let isWalking = false;

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.id === "category-search") {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    document.querySelector("#categories [data-al-go]")?.focus();
    return;
  }
  const list = event.target.closest("[data-al-tree]");
  const step = list && steps[event.key];
  if (!step) return;
  const stops = [...list.querySelectorAll("[data-al-go]:not(:disabled)")];
  const here = stops.indexOf(event.target.closest("[data-al-item]")?.querySelector("[data-al-go]"));
  if (step(stops, here, list)) event.preventDefault();
});

const focusOn = (stop) => Boolean(stop && (stop.focus(), true));

const steps = {
  ArrowDown: (stops, here) => focusOn(stops[here + 1]),
  ArrowUp: (stops, here) => focusOn(here > 0 ? stops[here - 1] : null),
  Home: (stops) => focusOn(stops[0]),
  End: (stops) => focusOn(stops.at(-1)),
  ArrowRight: (stops, here) => walk(stops[here]?.matches("[data-al-into]") ? stops[here] : null),
  ArrowLeft: (stops, here, list) => walk(list.querySelector("[data-al-up]")),
};

function walk(link) {
  if (!link) return false;
  isWalking = true;
  link.click();
  return true;
}

// After a step into a level, or out of it, the keys go on from its first category.
document.addEventListener("al:swapped", ({ target }) => {
  if (!isWalking || target.id !== "categories") return;
  isWalking = false;
  target.querySelector("#levels-h")?.closest("[data-al-tree]").querySelector("[data-al-go]:not(:disabled)")?.focus();
});
