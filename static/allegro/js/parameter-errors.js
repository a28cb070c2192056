// What is wrong with a parameter's value, said at its field as soon as one leaves it, by the rules of parameters.js.
// What is only missing yet is not said: the seller is still filling in.
import { expectedCheckDigit, gtinFault, problemsWith } from "./parameters.js";

const GTIN = "gtin";

export class ParameterErrors {
  constructor(form, parameters, texts, sentences) {
    this.form = form;
    this.parameters = parameters;
    this.texts = texts;
    this.sentences = sentences;
    this.gtins = new Set(parameters.filter((parameter) => parameter.isGtin).map(({ id }) => id));
    this.watched = new Map();
  }

  /** From now on this field says what is wrong; what was said of its former value is over. */
  watch(box) {
    const field = box ?? this.form.elements[GTIN].closest(".al-field");
    for (const said of field.querySelectorAll(":scope > .al-error:not([data-al-live])")) said.remove();
    this.watched.set(box ? box.dataset.alParameter : GTIN, field);
  }

  show(answers) {
    if (!this.watched.size) return;
    const found = grouped(this.problems(answers));
    for (const [id, field] of this.watched) this.say(id, field, field.hidden ? [] : (found.get(id) ?? []));
  }

  problems(answers) {
    const typed = this.form.elements[GTIN]?.value ?? "";
    const fault = typed.trim() && gtinFault(typed);
    const ofGtin = fault ? [{ id: GTIN, code: fault, params: { value: typed } }] : [];
    const others = problemsWith(this.parameters, answers).filter(({ id, code }) => {
      return code in this.sentences && !this.gtins.has(id);
    });
    return [...ofGtin, ...others];
  }

  say(id, field, problems) {
    sayAt(
      field,
      id,
      problems.map((problem) => this.sentence(problem)),
    );
  }

  sentence({ code, params }) {
    const text = this.sentences[code].replace(/\{(\w+)\}/g, (_, name) => written(name, params[name] ?? "")).trim();
    const digit = code === "gtin_wrong_check_digit" ? expectedCheckDigit(params.value) : null;
    return digit === null ? text : `${text} ${this.texts.digit.replace("{digit}", digit)}`;
  }
}

/** Limits come as the rules have them, „5.0”; they are told as everybody writes them. */
function written(name, value) {
  if (name !== "min" && name !== "max") return value;
  const numbers = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 10, useGrouping: "always" });
  return numbers.format(value);
}

function grouped(problems) {
  const found = new Map();
  for (const problem of problems) found.set(problem.id, [...(found.get(problem.id) ?? []), problem]);
  return found;
}

/** Put these sentences, and no others of the script's, at the field. */
export function sayAt(field, id, sentences) {
  const said = [...field.querySelectorAll(":scope > [data-al-live]")];
  if (said.map((each) => each.textContent).join() === sentences.join()) return;
  for (const each of said) each.remove();
  const controls = [...field.querySelectorAll("input:not([type=hidden]), select, textarea")];
  const lines = sentences.map((sentence, place) => line(sentence, `live-${id}-${place}`));
  const after = field.querySelector(":scope > .al-help, :scope > [data-al-why]");
  if (after) after.before(...lines);
  else field.append(...lines);
  for (const control of controls) describe(control, lines);
}

function line(sentence, id) {
  const paragraph = document.createElement("p");
  paragraph.className = "al-error";
  paragraph.id = id;
  paragraph.dataset.alLive = "";
  const icon = document.createElement("i");
  icon.className = "bi bi-exclamation-circle-fill";
  icon.setAttribute("aria-hidden", "true");
  const words = document.createElement("span");
  words.textContent = sentence;
  paragraph.append(icon, words);
  return paragraph;
}

function describe(control, lines) {
  const others = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && !id.startsWith("live-"));
  const ids = [...lines.map(({ id }) => id), ...others.filter((id) => document.getElementById(id))];
  if (ids.length) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
  if (lines.length) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}
