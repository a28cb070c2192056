// The builder of sections, of description templates and of an offer's own: text is written as it will look (the
// textarea keeps the HTML and needs no script), placeholders are inserted at the cursor, the preview follows what is
// typed.
import { whenPresent } from "./dom.js";
import { fetchAndSwap } from "./fragments.js";

const PAUSE = 600;
const KEYS = { Digit1: "h1", Digit2: "h2", Digit0: "p", Digit8: "ul", Digit7: "ol" };
const COMMANDS = {
  h1: ["formatBlock", "h1"],
  h2: ["formatBlock", "h2"],
  p: ["formatBlock", "p"],
  b: ["bold"],
  ul: ["insertUnorderedList"],
  ol: ["insertOrderedList"],
};
const HEADINGS = { H1: "h1", H2: "h2", H3: "h2", H4: "h2", H5: "h2", H6: "h2" };
const LINES = new Set("P DIV LI TR TABLE TBODY BR HR SECTION BLOCKQUOTE ARTICLE PRE DT DD TD TH".split(" "));
const UNSEEN = new Set("SCRIPT STYLE TITLE TEMPLATE NOSCRIPT IFRAME".split(" "));

// What Allegro takes -----------------------------------------------------------------------------------------------

const encoded = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** HTML of `h1 h2 p ul ol li b` alone, as the server would make it of the same nodes. */
function allowed(root) {
  const out = { blocks: "", line: "", items: null, tag: "p" };
  for (const node of root.childNodes) walk(node, out, false);
  endLine(out);
  return out.blocks;
}

function walk(node, out, isBold) {
  if (node.nodeType === Node.TEXT_NODE) {
    const words = encoded(node.data.replace(/[\s\u00a0]+/g, " "));
    out.line += isBold && out.tag === "p" && words.trim() ? `<b>${words}</b>` : words;
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE || UNSEEN.has(node.tagName)) return;
  const inside = (bold) => {
    for (const child of node.childNodes) walk(child, out, bold);
  };
  const name = node.tagName;
  if (name === "UL" || name === "OL") return walkList(name.toLowerCase(), out, inside, isBold);
  if (name in HEADINGS && !out.items) {
    endLine(out);
    out.tag = HEADINGS[name];
    inside(false);
    endLine(out);
    out.tag = "p";
    return;
  }
  const isLine = LINES.has(name) || name in HEADINGS;
  if (isLine) endLine(out);
  inside(isBold || name === "B" || name === "STRONG");
  if (isLine) endLine(out);
}

function walkList(name, out, inside, isBold) {
  endLine(out);
  const isOuter = !out.items;
  if (isOuter) out.items = [];
  inside(isBold);
  endLine(out);
  if (!isOuter) return;
  if (out.items.length) out.blocks += `<${name}>${out.items.join("")}</${name}>`;
  out.items = null;
}

function endLine(out) {
  const text = out.line.replace(/<\/b><b>/g, "").replace(/ +/g, " ").trim();
  out.line = "";
  if (!text.replace(/<\/?b>/g, "").trim()) return;
  if (out.items) out.items.push(`<li>${text}</li>`);
  else out.blocks += `<${out.tag}>${text}</${out.tag}>`;
}

const PARENTS = { H1: ["BODY"], H2: ["BODY"], P: ["BODY"], UL: ["BODY"], OL: ["BODY"], LI: ["UL", "OL"], B: ["P", "LI"] };

/** What Allegro would refuse first in HTML that is typed as such: [kind, tag]; null when nothing. */
function faultIn(html) {
  // Within a body, as scripts at the beginning would come into the head of the document.
  for (const element of parsed(`<body>${html}`).querySelectorAll("*")) {
    const tag = element.tagName.toLowerCase();
    if (!(element.tagName in PARENTS)) return ["forbidden", tag];
    if (!PARENTS[element.tagName].includes(element.parentElement.tagName)) return ["nested", tag];
  }
  return null;
}

const parsed = (html) => new DOMParser().parseFromString(html, "text/html").body;

// What concerns the page alone is no change of the form: neither saved nor warned of.
whenPresent("[data-al-quiet]", (control) => {
  for (const kind of ["input", "change"]) control.addEventListener(kind, (event) => event.stopPropagation());
});

// One text ---------------------------------------------------------------------------------------------------------

const insertions = new WeakMap();
let lastEditor = null;

// Texts shown as HTML, by the name of their field: a deed of the server swaps the whole form and may move them.
const sources = new Map();
let sourcesBefore = new Map();

whenPresent("[data-al-sections]", () => {
  sourcesBefore = new Map(sources);
  sources.clear();
});

function wasSource(area) {
  if ([...sourcesBefore.values()].includes(area.value)) return true;
  const before = sourcesBefore.get(area.name);
  const areas = [...area.form.querySelectorAll("[data-al-editor] textarea")];
  return before !== undefined && !areas.some((other) => other.value === before);
}

whenPresent("[data-al-editor]", (editor) => {
  const area = editor.querySelector("textarea");
  const tools = editor.querySelector("[role=toolbar]");
  const source = editor.querySelector("[data-al-html]");
  const page = richTwin(area);
  let range = null;
  tools.hidden = false;
  area.after(page);
  showSource(area.getAttribute("aria-invalid") === "true" || wasSource(area));
  area.addEventListener("input", () => {
    if (!area.hidden) sources.set(area.name, area.value);
    // What the server said was said of the former text.
    editor.parentElement.querySelector(":scope > .al-error")?.remove();
    sayFault(editor, area);
  });

  function showSource(isSource) {
    if (!isSource) page.innerHTML = allowed(parsed(area.value)) || "<p><br></p>";
    area.hidden = !isSource;
    page.hidden = isSource;
    if (isSource) sources.set(area.name, area.value);
    else sources.delete(area.name);
    sayFault(editor, area);
    source.setAttribute("aria-pressed", String(isSource));
    range = null;
  }

  function keep() {
    area.value = allowed(page);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function atCursor(act) {
    page.focus();
    if (range) {
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
    act();
    keep();
  }

  function use(tag) {
    if (!area.hidden) wrap(area, tag);
    else atCursor(() => document.execCommand(...withoutUi(COMMANDS[tag])));
  }

  insertions.set(editor, (html) => {
    if (!area.hidden) insertInto(area, html);
    else atCursor(() => document.execCommand(html.startsWith("<") ? "insertHTML" : "insertText", false, html));
  });

  page.addEventListener("input", keep);
  page.addEventListener("blur", () => {
    const selection = getSelection();
    if (selection.rangeCount && page.contains(selection.anchorNode)) range = selection.getRangeAt(0).cloneRange();
  });
  page.addEventListener("paste", (event) => {
    event.preventDefault();
    const html = event.clipboardData.getData("text/html");
    if (html) document.execCommand("insertHTML", false, allowed(parsed(html)));
    else document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  });
  editor.addEventListener("focusin", () => (lastEditor = editor));
  editor.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey)) return;
    const tag = event.altKey ? KEYS[event.code] : event.key.toLowerCase() === "b" && "b";
    if (!tag) return;
    event.preventDefault();
    use(tag);
  });
  for (const tool of editor.querySelectorAll("[data-al-tool]")) {
    tool.addEventListener("mousedown", (event) => event.preventDefault());
    tool.addEventListener("click", () => use(tool.dataset.alTool));
  }
  source.addEventListener("click", () => showSource(area.hidden));
});

/** As long as the mistake stands in the HTML, and before the server says it. */
function sayFault(editor, area) {
  const isSaid = Boolean(editor.parentElement.querySelector(":scope > .al-error"));
  const fault = !area.hidden && !isSaid && faultIn(area.value);
  let words = editor.querySelector(".al-error");
  if (!fault) return words?.remove();
  if (!words) {
    words = document.createElement("p");
    words.className = "al-error";
    words.role = "status";
    editor.append(words);
  }
  const [kind, tag] = fault;
  const sentence = kind === "forbidden" ? editor.dataset.alForbidden : editor.dataset.alNested;
  words.textContent = sentence.replace("{tag}", tag);
}

const withoutUi = ([command, value]) => [command, false, value];

function richTwin(area) {
  const page = document.createElement("div");
  page.className = "form-control al-rich";
  page.contentEditable = "true";
  page.role = "textbox";
  page.ariaMultiLine = "true";
  page.ariaLabel = area.labels[0]?.textContent ?? "";
  page.spellcheck = true;
  document.execCommand("defaultParagraphSeparator", false, "p");
  return page;
}

function wrap(area, tag) {
  const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
  const lines = chosen.split("\n").filter((line) => line.trim());
  const isList = tag === "ul" || tag === "ol";
  const made = isList ? `<${tag}>${(lines.length ? lines : [""]).map((line) => `<li>${line}</li>`).join("")}</${tag}>` : `<${tag}>${chosen}</${tag}>`;
  insertInto(area, made, chosen ? 0 : `</${tag}>`.length + (isList ? "</li>".length : 0));
}

/** At the cursor, in place of what is selected; `back` moves the cursor into an empty pair of tags. */
function insertInto(area, text, back = 0) {
  area.focus();
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.selectionEnd -= back;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// Placeholders and pictures ----------------------------------------------------------------------------------------

whenPresent("[data-al-insert]", (chip) => {
  chip.addEventListener("mousedown", (event) => event.preventDefault());
  chip.addEventListener("click", () => {
    const section = chip.closest("section");
    const editor = section.contains(lastEditor) ? lastEditor : section.querySelector("[data-al-editor]");
    insertions.get(editor)(chip.dataset.alInsert);
  });
});

whenPresent("[data-al-picture]", (select) => {
  select.addEventListener("change", () => {
    const address = select.selectedOptions[0]?.dataset.alShownAt;
    const fresh = document.createElement(address ? "img" : "span");
    fresh.className = address ? "al-picture-shown" : "al-picture-shown al-empty";
    if (address) Object.assign(fresh, { src: address, alt: "" });
    select.parentElement.querySelector(".al-picture-shown").replaceWith(fresh);
  });
});

// Preview ----------------------------------------------------------------------------------------------------------

whenPresent("[data-al-preview-at]", (area) => {
  const form = area.closest("form");
  let timer;
  let asked;
  area.addEventListener("input", (event) => {
    if (event.target.matches("[name=pasted], [name=file], [name=name]")) return;
    clearTimeout(timer);
    timer = setTimeout(follow, PAUSE);
  });

  async function follow() {
    if (!area.isConnected) return;
    asked?.abort();
    asked = new AbortController();
    const body = new FormData(form);
    body.delete("file");
    body.delete("files");
    try {
      await fetchAndSwap(area.dataset.alPreviewAt, { method: "POST", body, signal: asked.signal, isQuiet: true });
    } catch {
      // The next change asks again; saving says what is wrong.
    }
  }
});

// Size: as the server counts it, before it answers --------------------------------------------------------------------

const ADDRESS_LENGTH = 90;
const utf8 = new TextEncoder();

whenPresent("[data-al-sections]", (list) => {
  list.addEventListener("input", () => {
    const line = document.querySelector("[data-al-size]");
    if (!line || list.querySelector("[data-al-html][aria-pressed=true]")) return;
    const size = sizeOf(list);
    line.textContent = line.dataset.alWords.replace("{size}", size.toLocaleString(document.documentElement.lang || "pl"));
    line.classList.toggle("al-bad-words", size > Number(line.dataset.alSize));
  });
});

/** Bytes of the sections as they are sent; words in place of placeholders are known to the server alone. */
function sizeOf(list) {
  let pictures = 0;
  const sections = [...list.querySelectorAll(".al-part-items")].map((part) => ({
    items: [...part.querySelectorAll("textarea, select")].map((control) => {
      if (control.matches("textarea")) return { type: "TEXT", content: control.value };
      pictures += 1;
      return { type: "IMAGE", url: "" };
    }),
  }));
  return utf8.encode(JSON.stringify(sections)).length + pictures * ADDRESS_LENGTH;
}
