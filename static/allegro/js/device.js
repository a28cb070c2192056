// Linking by a code: counts down, and asks the shop every few seconds whether the seller has consented. A shop that
// cannot be reached is only mentioned in passing; a hidden tab does not ask, and catches up when it is seen again.
import { whenPresent } from "./dom.js";
import { fetchAndSwap } from "./fragments.js";

whenPresent("[data-al-device]", (card) => {
  const form = card.querySelector("form");
  form.hidden = true;
  card.querySelector("[data-al-live]").hidden = false;
  countDown(card);
  wait(card, form);
});

function countDown(card) {
  const left = card.querySelector("[data-al-left]");
  // The visitor's clock may be wrong: the server's time says how far.
  const ahead = Date.now() - Date.parse(card.dataset.alNow);
  const ends = Date.parse(card.dataset.alEnds) + ahead;
  const tell = () => {
    if (!card.isConnected) return clearInterval(ticking);
    const seconds = Math.max(0, Math.round((ends - Date.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  const ticking = setInterval(tell, 1000);
  tell();
}

function wait(card, form) {
  const pause = Math.max(1, Number(card.dataset.alInterval)) * 1000;
  setTimeout(() => whenSeen(() => ask(card, form)), pause);
}

function whenSeen(act) {
  if (!document.hidden) return act();
  document.addEventListener("visibilitychange", () => whenSeen(act), { once: true });
}

async function ask(card, form) {
  if (!card.isConnected) return;
  let isReached = true;
  try {
    await fetchAndSwap(form.action, { method: "POST", body: new FormData(form), isQuiet: true });
  } catch {
    isReached = false;
  }
  card.querySelector("[data-al-waiting]").hidden = !isReached;
  card.querySelector("[data-al-offline]").hidden = isReached;
  if (card.isConnected) wait(card, form);
}
