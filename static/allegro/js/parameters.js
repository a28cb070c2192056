// Rules of a category's parameters, decided in the browser as allegro_module/domain/parameters.py decides them:
// what is shown, what is required, which values are allowed. Pure: it knows no page, so tests run it in Node.
//
// A parameter as the page's data block gives it: {id, isDictionary, isRange, isGtin, required, requiredForProduct,
// requiredIf, displayedIf: {withValue: [[id, [value ids]]], withoutValue: [id]} | null, dependsOn, isPartial,
// values: [[id, name, [ids of the parent's values]]]}. An answer: {values, values_ids, range: {from, to}}.

const trimmed = (texts) => (texts ?? []).map((text) => text.trim()).filter(Boolean);

export const chosenIds = (answers, id) => answers[id]?.values_ids ?? [];

export function isAnswered(parameter, answers) {
  const answer = answers[parameter.id];
  if (!answer) return false;
  if (parameter.isDictionary) return Boolean(answer.values_ids?.length);
  if (parameter.isRange) return Boolean(trimmed([answer.range?.from ?? "", answer.range?.to ?? ""]).length);
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
  return new Map(parameters.map((parameter) => [parameter.id, decision(parameter, counting)]));
}

function count(parameters, answers, soFar) {
  const counted = {};
  for (const parameter of parameters) {
    if (!isAnswered(parameter, answers) || !isShown(parameter, soFar)) continue;
    if (!parameter.isDictionary) {
      // Without value ids: what was chosen while it was a dictionary decides nothing any more.
      counted[parameter.id] = {};
      continue;
    }
    const allows = allowance(parameter, soFar);
    const ids = chosenIds(answers, parameter.id).filter(allows);
    if (ids.length) counted[parameter.id] = { values_ids: ids };
  }
  return counted;
}

function decision(parameter, counting) {
  const shown = isShown(parameter, counting);
  const because = [];
  if (shown && parameter.displayedIf) because.push(...causes(parameter.displayedIf, counting));
  if (shown && parameter.requiredIf && hold(parameter.requiredIf, counting)) {
    because.push(...causes(parameter.requiredIf, counting));
  }
  return {
    isShown: shown,
    isRequired: shown && isRequired(parameter, counting),
    allows: allowance(parameter, counting),
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
function allowance(parameter, counting) {
  const parents = new Map(parameter.values.map(([id, , parentIds]) => [id, parentIds]));
  const chosen = parameter.dependsOn ? chosenIds(counting, parameter.dependsOn) : null;
  return (id) => {
    if (!parents.has(id)) return parameter.isPartial;
    const needed = parents.get(id);
    return chosen === null || needed.length === 0 || needed.some((each) => chosen.includes(each));
  };
}

/** The answers with the EAN in the parameters that ask for it, as `with_gtin` puts it there. */
export function withGtin(parameters, answers, gtin) {
  const asking = parameters.filter((parameter) => parameter.isGtin);
  if (!gtin.trim() || !asking.length) return answers;
  const fitting = asking.filter((each) => !each.name.toLowerCase().includes("isbn") || isIsbn(gtin));
  const filled = fitting.length ? fitting : asking.slice(0, 1);
  return { ...answers, ...Object.fromEntries(filled.map((each) => [each.id, { values: [gtin] }])) };
}

function isIsbn(text) {
  const bare = text.replace(/[ \u00a0-]/g, "");
  return bare.length === 10 || (bare.length === 13 && /^97[89]/.test(bare));
}
