// Parameters of the offer form: what follows from a choice happens at once, by the rules of parameters.js.
// What no longer fits is taken out and put aside; it comes back when the choice is reversed. Hidden fields are
// disabled, so they are not sent.
import { say, whenPresent } from "./dom.js";
import { fetchAndSwap } from "./fragments.js";
import { ParameterErrors } from "./parameter-errors.js";
import { decide, withGtin } from "./parameters.js";

const isDictionary = (parameter) => parameter.type === "dictionary";

class Parameters {
  /** `locked` are answers that the catalogue gives: they count, and stand in no field. */
  constructor(form, { parameters, locked, texts, sentences }) {
    this.form = form;
    this.parameters = parameters;
    this.locked = locked;
    this.texts = texts;
    this.errors = new ParameterErrors(form, parameters, texts, sentences);
    this.byId = new Map(parameters.map((parameter) => [parameter.id, parameter]));
    const boxes = [...form.querySelectorAll("[data-al-parameter]")];
    this.boxes = new Map(boxes.map((box) => [box.dataset.alParameter, box]));
    this.aside = new Map();
  }

  start() {
    for (const [id, box] of this.boxes) {
      if (box.dataset.alWidget === "ticks") this.addTicks(box, this.byId.get(id));
      const search = box.querySelector("[data-al-values]");
      if (!search) continue;
      this.learn(id, search);
      this.startSearch(box, id, search);
    }
    this.form.addEventListener("input", (event) => {
      const box = event.target.closest("[data-al-parameter]");
      if (box && !event.target.matches("[data-al-own]")) this.aside.delete(box.dataset.alParameter);
      if (box || event.target.name === "gtin") this.update(true);
    });
    // Leaving a field, not typing in it, is the time to say what is wrong; from then on each letter counts.
    this.form.addEventListener("change", (event) => {
      const box = event.target.closest("[data-al-parameter]");
      if (!box && event.target.name !== "gtin") return;
      this.errors.watch(box);
      this.errors.show(this.answers());
    });
    this.update(false);
  }

  // Reading ------------------------------------------------------------------------------------------------

  answers() {
    const answers = { ...this.locked };
    for (const [id, box] of this.boxes) answers[id] = { ...this.answer(id, box), custom: this.own(box) };
    return withGtin(this.parameters, answers, this.form.elements.gtin?.value ?? "");
  }

  answer(id, box) {
    const values = (selector) => [...box.querySelectorAll(selector)].map((control) => control.value);
    switch (box.dataset.alWidget) {
      case "select":
        return { values_ids: values("select").filter(Boolean) };
      case "ticks":
        return { values_ids: ticked(box) };
      case "search": {
        const { known, strange } = this.typedIds(id, box);
        return { values_ids: [...ticked(box), ...known, ...strange], strange };
      }
      case "range": {
        const [from, to] = values("input.al-num");
        return { range: { from, to } };
      }
      case "lines":
        return { values: values("textarea").flatMap((text) => text.split("\n")) };
      default:
        return { values: values("input.form-control") };
    }
  }

  own(box) {
    return box.querySelector("[data-al-own]")?.value ?? "";
  }

  /** A text that names no value we were told of is none; the server, which knows them all, decides at saving. */
  typedIds(id, box) {
    const typed = box.querySelector("[data-al-values]").value.trim();
    const found = typed && this.idOf(id, box, typed);
    return { known: found ? [found] : [], strange: typed && !found ? [typed] : [] };
  }

  idOf(id, box, name) {
    const wanted = name.toLowerCase();
    const offered = [...box.querySelectorAll("datalist option")].find((option) => option.value.toLowerCase() === wanted);
    return offered?.dataset.alId ?? this.byId.get(id).values.find(([, each]) => each.toLowerCase() === wanted)?.[0];
  }

  // Showing ------------------------------------------------------------------------------------------------

  update(isSpoken) {
    // Putting a value aside, or taking it back, may change what others show: until nothing moves any more.
    let decisions = decide(this.parameters, this.answers());
    for (let round = 0; round <= this.parameters.length; round += 1) {
      const isMoved = [...this.boxes].map(([id, box]) => this.fit(id, box, decisions.get(id))).some(Boolean);
      if (!isMoved) break;
      decisions = decide(this.parameters, this.answers());
    }
    for (const [id, box] of this.boxes) this.show(box, id, decisions.get(id), isSpoken);
    this.showGtin(decisions);
    this.errors.show(this.answers());
  }

  /** Let the list of a dictionary follow its parent. True when the answer changed by it. */
  fit(id, box, decision) {
    const parameter = this.byId.get(id);
    if (!isDictionary(parameter) || !parameter.dependsOn) return false;
    if (box.dataset.alWidget === "select") return this.fitSelect(id, box, parameter, decision);
    const isMoved = this.fitTicks(box, decision);
    return (box.dataset.alWidget === "search" && this.fitSearch(id, box, decision)) || isMoved;
  }

  fitSelect(id, box, parameter, { allows }) {
    const select = box.querySelector("select");
    const before = select.value;
    const aside = this.aside.get(id)?.[0];
    let chosen = before;
    if (before && !allows(before)) {
      this.aside.set(id, [before]);
      chosen = "";
    } else if (!before && aside && allows(aside)) {
      this.aside.delete(id);
      chosen = aside;
    }
    const options = parameter.values.filter(([value]) => allows(value)).map(([value, name]) => new Option(name, value));
    select.replaceChildren(new Option(this.texts.choose, ""), ...options);
    select.value = chosen;
    return chosen !== before;
  }

  /** Ticks that do not fit are hidden, and count as ticked again when they do. */
  fitTicks(box, { allows }) {
    let isMoved = false;
    for (const tick of box.querySelectorAll(".al-ticks input[type=checkbox]")) {
      const frame = tick.closest(".form-check");
      const isHidden = !allows(tick.value);
      isMoved ||= tick.checked && frame.hidden !== isHidden;
      frame.hidden = isHidden;
      tick.disabled = isHidden;
    }
    return isMoved;
  }

  /** A value chosen by its name: taken out of the field when its parent's no longer goes with it. */
  fitSearch(id, box, { allows }) {
    const search = box.querySelector("[data-al-values]");
    const [chosen] = this.typedIds(id, box).known;
    const [aside] = this.aside.get(id) ?? [];
    if (chosen && !allows(chosen)) {
      this.aside.set(id, [chosen]);
      search.value = "";
      return true;
    }
    if (aside && !search.value && allows(aside)) {
      this.aside.delete(id);
      search.value = this.byId.get(id).values.find(([value]) => value === aside)?.[1] ?? "";
      return true;
    }
    return false;
  }

  /** The server shows only what goes with the stored choice; what may come later is added here. */
  addTicks(box, parameter) {
    if (!parameter.dependsOn) return;
    const list = box.querySelector(".al-ticks");
    const there = new Map([...list.querySelectorAll("input")].map((tick) => [tick.value, tick.closest(".form-check")]));
    const all = parameter.values.map(([value, name]) => {
      const known = there.get(value);
      if (known) known.querySelector("label").textContent = name;
      return known ?? this.tick(box, value, name);
    });
    list.replaceChildren(...all);
  }

  tick(box, value, name) {
    const frame = document.createElement("div");
    frame.className = "form-check";
    const input = document.createElement("input");
    Object.assign(input, { type: "checkbox", className: "form-check-input", name: box.dataset.alField, value });
    input.id = `tick-${box.dataset.alParameter}-${value}`;
    const label = document.createElement("label");
    label.className = "form-check-label";
    label.htmlFor = input.id;
    label.textContent = name;
    frame.append(input, label);
    return frame;
  }

  show(box, id, decision, isSpoken) {
    const isNew = box.hidden && decision.isShown;
    box.hidden = !decision.isShown;
    const frame = box.closest("[data-al-dependent]");
    if (frame) frame.hidden = !decision.isShown;
    for (const control of box.querySelectorAll("input, select, textarea")) {
      if (control.closest(".form-check")?.hidden) continue;
      control.disabled = !decision.isShown;
    }
    this.mark(box.querySelector(".al-label"), decision.isRequired);
    this.showOwn(box);
    this.showWhy(box, decision);
    if (isNew && isSpoken && decision.isRequired) say(this.texts.appeared.replace("{name}", this.byId.get(id).name));
  }

  mark(label, isRequired) {
    const strong = label.querySelector("strong");
    if (isRequired && !strong) {
      const words = [...label.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
      const bold = document.createElement("strong");
      bold.textContent = words.data.trim();
      words.replaceWith(bold, " ");
    } else if (!isRequired && strong) {
      strong.replaceWith(strong.textContent);
    }
    let mark = label.querySelector(".al-req");
    if (!mark && isRequired) {
      mark = document.createElement("span");
      mark.className = "al-req";
      mark.textContent = this.texts.required;
      label.append(" ", mark);
    }
    if (mark) mark.hidden = !isRequired;
    const control = label.htmlFor && document.getElementById(label.htmlFor);
    if (control) control.required = isRequired;
  }

  showOwn(box) {
    const own = box.querySelector("[data-al-own]");
    if (!own) return;
    const isChosen = this.answer(box.dataset.alParameter, box).values_ids.includes(own.dataset.alOwn);
    own.hidden = !isChosen;
    own.disabled = box.hidden || !isChosen;
  }

  showWhy(box, { isShown, because }) {
    const line = box.querySelector("[data-al-why]");
    const causes = because.map(([id, values]) => this.cause(id, values)).filter(Boolean);
    line.hidden = !isShown || causes.length === 0;
    line.querySelector("span").textContent = this.texts.because.replace("{why}", causes.join(", "));
  }

  cause(id, values) {
    const parameter = this.byId.get(id);
    if (!parameter) return "";
    if (!values.length) return this.texts.empty.replace("{name}", parameter.name);
    const names = parameter.values.filter(([value]) => values.includes(value)).map(([, name]) => name);
    return `${parameter.name} = ${names.join(", ")}`;
  }

  showGtin(decisions) {
    const label = this.form.querySelector('label[for="f-gtin"]');
    const asking = this.parameters.filter((parameter) => parameter.isGtin);
    if (label && asking.length) this.mark(label, asking.some(({ id }) => decisions.get(id).isRequired));
  }

  // Long dictionaries --------------------------------------------------------------------------------------

  startSearch(box, id, search) {
    let timer;
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.offer(id, search), 200);
    });
    const isMultiple = Boolean(box.querySelector(".al-ticks"));
    if (isMultiple) search.addEventListener("change", () => this.addChosen(id, box, search));
  }

  async offer(id, search) {
    const address = new URL(search.dataset.alValues, location.href);
    address.searchParams.set("q", search.value);
    const parent = this.byId.get(id).dependsOn;
    for (const each of parent ? (this.answers()[parent]?.values_ids ?? []) : []) address.searchParams.append("parent", each);
    try {
      await fetchAndSwap(address);
      this.learn(id, search);
      this.update(true);
    } catch {
      // Said on the page; typing goes on.
    }
  }

  /** What the server offered is known from now on, with the values of the parent that it goes with. */
  learn(id, search) {
    const { values } = this.byId.get(id);
    const known = new Set(values.map(([value]) => value));
    for (const option of search.list?.options ?? []) {
      const { alId, alParents } = option.dataset;
      if (alId && !known.has(alId)) values.push([alId, option.value, alParents ? alParents.split(" ") : []]);
    }
  }

  addChosen(id, box, search) {
    const value = this.idOf(id, box, search.value.trim());
    if (!value) return;
    const known = [...box.querySelectorAll("input[type=checkbox]")].find((tick) => tick.value === value);
    if (!known) box.querySelector(".al-ticks").append(this.tick(box, value, search.value.trim()));
    (known ?? box.querySelector(".al-ticks .form-check:last-child input")).checked = true;
    search.value = "";
    this.update(true);
  }
}

const ticked = (box) =>
  [...box.querySelectorAll(".al-ticks .form-check:not([hidden]) input:checked")].map((tick) => tick.value);

whenPresent("#al-parameters", (block) => {
  const form = block.closest("form");
  if (form.querySelector("fieldset:disabled")) return;
  new Parameters(form, JSON.parse(block.textContent)).start();
});
