// Category search: results follow the typing; without script the button asks for them.
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
