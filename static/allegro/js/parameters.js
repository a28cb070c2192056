// Rules of a category's parameters, decided in the browser as allegro_module/domain/parameters.py and
// parameter_answers.py decide them: what is shown, what is required, which values are allowed, what is wrong.
// Pure: it knows no page, so tests run it in Node.
//
// A parameter as the page's data block gives it: {id, name, type, isRange, isMultiple, isGtin, required,
// requiredForProduct, requiredIf, displayedIf: {withValue: [[id, [value ids]]], withoutValue: [id]} | null, dependsOn,
// ownId, unit, min, max, precision, minLength, maxLength, maxValues, isPartial,
// values: [[id, name, [ids of the parent's values]]]}. Limits are texts, as numbers may be longer than JavaScript's.
// An answer: {values, values_ids, range: {from, to}, custom, strange}; `strange` are those of values_ids that are no
// value of the dictionary, which a partial one does not tell.

// Blanks as Python knows them.
const BLANK = "[\\t-\\r\\x1c-\\x20\\x85\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const ENDS = new RegExp(`^${BLANK}|${BLANK}$`, "g");
const strip = (text) => (text ?? "").replace(ENDS, "");
const trimmed = (texts) => (texts ?? []).map(strip).filter(Boolean);
const isDictionary = (parameter) => parameter.type === "dictionary";
const boundsOf = (answer) => [strip(answer?.range?.from), strip(answer?.range?.to)];

export const chosenIds = (answers, id) => answers[id]?.values_ids ?? [];

export function isAnswered(parameter, answers) {
  const answer = answers[parameter.id];
  if (!answer) return false;
  if (isDictionary(parameter)) return Boolean(answer.values_ids?.length);
  if (parameter.isRange) return boundsOf(answer).some(Boolean);
  return Boolean(trimmed(answer.values).length);
}

/** The decision about each parameter, by id: {isShown, isRequired, allows(id), because: [[parameter id, [ids]]]}. */
export function decide(parameters, answers) {
  // Only answers that count decide about others. More answers only ever add, so start from nothing and add until
  // nothing changes; parameters that would show only each other stay hidden.
  let counting = {};
  for (;;) {
    const more = count(parameters, answers, counting);
    if (JSON.stringify(more) === JSON.stringify(counting)) break;
    counting = more;
  }
  return new Map(parameters.map((parameter) => [parameter.id, decision(parameter, counting, answers)]));
}

function count(parameters, answers, soFar) {
  const counted = {};
  for (const parameter of parameters) {
    if (!isAnswered(parameter, answers) || !isShown(parameter, soFar)) continue;
    if (!isDictionary(parameter)) {
      // Without value ids: what was chosen while it was a dictionary decides nothing any more.
      counted[parameter.id] = {};
      continue;
    }
    const allows = allowance(parameter, soFar, answers);
    const ids = chosenIds(answers, parameter.id).filter(allows);
    if (ids.length) counted[parameter.id] = { values_ids: ids };
  }
  return counted;
}

function decision(parameter, counting, answers) {
  const shown = isShown(parameter, counting);
  const because = [];
  if (shown && parameter.displayedIf) because.push(...causes(parameter.displayedIf, counting));
  if (shown && parameter.requiredIf && hold(parameter.requiredIf, counting)) {
    because.push(...causes(parameter.requiredIf, counting));
  }
  return {
    isShown: shown,
    isRequired: shown && isRequired(parameter, counting),
    allows: allowance(parameter, counting, answers),
    because: [...new Map(because.map((cause) => [JSON.stringify(cause), cause])).values()],
  };
}

const isShown = (parameter, counting) => !parameter.displayedIf || hold(parameter.displayedIf, counting);

function isRequired(parameter, counting) {
  if (parameter.requiredForProduct) return true;
  return parameter.requiredIf ? hold(parameter.requiredIf, counting) : parameter.required;
}

function hold(conditions, counting) {
  return (
    conditions.withValue.every(([id, values]) => chosenIds(counting, id).some((chosen) => values.includes(chosen))) &&
    conditions.withoutValue.every((id) => !(id in counting))
  );
}

const causes = (conditions, counting) => [
  ...conditions.withValue.map(([id, values]) => [id, chosenIds(counting, id).filter((each) => values.includes(each))]),
  ...conditions.withoutValue.map((id) => [id, []]),
];

/** Which values go with the parent's. Of a partial dictionary a value we were not told of is allowed. */
function allowance(parameter, counting, answers) {
  const parents = new Map(parameter.values.map(([id, , parentIds]) => [id, parentIds]));
  const chosen = parameter.dependsOn ? chosenIds(counting, parameter.dependsOn) : null;
  const strange = answers[parameter.id]?.strange ?? [];
  return (id) => {
    if (!parents.has(id)) return parameter.isPartial && !strange.includes(id);
    const needed = parents.get(id);
    return chosen === null || needed.length === 0 || needed.some((each) => chosen.includes(each));
  };
}

/** The answers with the EAN in the parameters that ask for it, as `with_gtin` puts it there. */
export function withGtin(parameters, answers, gtin) {
  const asking = parameters.filter((parameter) => parameter.isGtin);
  if (!strip(gtin) || !asking.length) return answers;
  const fitting = asking.filter((each) => !each.name.toLowerCase().includes("isbn") || isIsbn(gtin));
  const filled = fitting.length ? fitting : asking.slice(0, 1);
  return { ...answers, ...Object.fromEntries(filled.map((each) => [each.id, { values: [gtin] }])) };
}

function isIsbn(text) {
  const bare = bareGtin(text);
  return bare.length === 10 || (bare.length === 13 && /^97[89]/.test(bare));
}

// What is wrong with the answers -----------------------------------------------------------------------------------

const NUMBER = /^-?\d{1,18}(\.\d{1,18})?$/;
/** Control characters, angle brackets, signs beyond the basic plane. */
// eslint-disable-next-line no-control-regex
const ILLEGAL = /[\x00-\x08\x0b-\x1f\x7f<>\u{10000}-\u{10ffff}]/u;
const GTIN_LENGTHS = [8, 10, 12, 13, 14];

/** All that is wrong: [{id, code, params}], in the order of the parameters; `params` fill the code's sentence. */
export function problemsWith(parameters, answers) {
  const decisions = decide(parameters, answers);
  return parameters.flatMap((parameter) =>
    faults(parameter, answers, decisions.get(parameter.id)).map(([code, params = {}]) => ({ id: parameter.id, code, params })),
  );
}

function faults(parameter, answers, decided) {
  if (!decided.isShown) return [];
  if (!isAnswered(parameter, answers)) return decided.isRequired ? [["parameter_required"]] : [];
  const answer = answers[parameter.id];
  if (isDictionary(parameter)) return dictionaryFaults(parameter, answer, decided);
  if (parameter.type === "string") return textFaults(parameter, trimmed(answer.values));
  if (parameter.isRange) return rangeFaults(parameter, boundsOf(answer));
  const texts = trimmed(answer.values);
  return texts.length > 1 ? [["parameter_too_many_values", { max: "1" }]] : numberFaults(parameter, texts[0]);
}

function dictionaryFaults(parameter, answer, { allows }) {
  const chosen = answer.values_ids;
  const nameOf = (id) => parameter.values.find(([value]) => value === id)?.[1];
  const found = chosen
    .filter((id) => !allows(id))
    .map((id) => ["parameter_value_not_allowed", { value: nameOf(id) ?? id }]);
  if (!parameter.isMultiple && new Set(chosen).size > 1) found.push(["parameter_too_many_values", { max: "1" }]);
  if (parameter.ownId !== null && chosen.includes(parameter.ownId)) {
    const own = strip(answer.custom);
    if (!own) found.push(["parameter_own_value_missing", { value: allows(parameter.ownId) ? (nameOf(parameter.ownId) ?? "") : "" }]);
    else if (ILLEGAL.test(own)) found.push(["parameter_illegal_character"]);
  }
  return found;
}

function textFaults(parameter, texts) {
  const found = [];
  if (texts.length > parameter.maxValues) found.push(["parameter_too_many_values", { max: String(parameter.maxValues) }]);
  for (const text of texts) {
    const fault = parameter.isGtin ? gtinFault(text) && [gtinFault(text), { value: text }] : textFault(parameter, text);
    if (fault) found.push(fault);
  }
  return found;
}

function textFault({ minLength, maxLength }, text) {
  const length = [...text].length;
  if (ILLEGAL.test(text)) return ["parameter_illegal_character"];
  if (maxLength !== null && length > maxLength) {
    return ["parameter_too_long", { max: String(maxLength), length: String(length) }];
  }
  if (minLength !== null && length < minLength) return ["parameter_too_short", { min: String(minLength) }];
  return null;
}

function rangeFaults(parameter, bounds) {
  if (!bounds.every(Boolean)) return [["range_needs_boundary"]];
  const found = bounds.flatMap((bound) => numberFaults(parameter, bound));
  const [low, high] = bounds.map(bareNumber);
  if (low !== null && high !== null && compare(low, high) > 0) found.push(["range_upside_down"]);
  return [...new Map(found.map((fault) => [fault[0], fault])).values()];
}

function numberFaults({ type, precision, min, max, unit }, text) {
  const number = bareNumber(text);
  if (number === null) return [["parameter_not_a_number", { value: text }]];
  const found = [];
  const decimals = (number.split(".")[1] ?? "").replace(/0+$/, "").length;
  if (type === "integer" && decimals) found.push(["parameter_not_whole", { value: text }]);
  else if (precision !== null && decimals > precision) found.push(["parameter_too_precise", { precision: String(precision) }]);
  if (min !== null && compare(number, min) < 0) found.push(["parameter_too_small", { min, unit }]);
  if (max !== null && compare(number, max) > 0) found.push(["parameter_too_large", { max, unit }]);
  return found;
}

/** „1 234,5” as sellers type it → „1234.5”; null when it is no number. */
function bareNumber(text) {
  const bare = text.replace(/[ \u00a0\u202f]/g, "").replaceAll(",", ".");
  return NUMBER.test(bare) ? bare : null;
}

/** Which of two numbers written out is larger, whatever their length: negative, zero or positive. */
function compare(one, other) {
  const places = Math.max(...[one, other].map((text) => (text.split(".")[1] ?? "").length));
  const [left, right] = [one, other].map((text) => {
    const [whole, fraction = ""] = text.split(".");
    return BigInt(whole + fraction.padEnd(places, "0"));
  });
  return left < right ? -1 : Number(left > right);
}

/** Without the blanks and hyphens with which it is printed. */
const bareGtin = (text) => text.replace(/[ \u00a0-]/g, "").toUpperCase();

/** The code of what is wrong with a GTIN, null when nothing is. */
export function gtinFault(text) {
  const bare = bareGtin(text);
  const isShortIsbn = /^\d{9}[\dX]$/.test(bare);
  if (!isShortIsbn && !/^\d+$/.test(bare)) return "gtin_not_digits";
  if (!GTIN_LENGTHS.includes(bare.length)) return "gtin_wrong_length";
  if (isShortIsbn ? !isbnAddsUp(bare) : gtinCheckDigit(bare.slice(0, -1)) !== bare.at(-1)) return "gtin_wrong_check_digit";
  return bare.length === 13 && /^(02|04|2)/.test(bare) ? "gtin_in_store" : null;
}

/** The digit that follows these: weights 3 and 1, from the right. */
export function gtinCheckDigit(digits) {
  const total = [...digits].reverse().reduce((sum, digit, place) => sum + Number(digit) * (place % 2 ? 1 : 3), 0);
  return String((10 - (total % 10)) % 10);
}

/** The check digit that would be right in its place; null for an ISBN of ten and for what has no check digit. */
export function expectedCheckDigit(text) {
  const bare = bareGtin(text);
  return /^\d+$/.test(bare) && bare.length !== 10 ? gtinCheckDigit(bare.slice(0, -1)) : null;
}

function isbnAddsUp(bare) {
  const sum = [...bare].reduce((total, digit, place) => total + (10 - place) * (digit === "X" ? 10 : Number(digit)), 0);
  return sum % 11 === 0;
}
