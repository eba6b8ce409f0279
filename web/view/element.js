const svgSpace = "http://www.w3.org/2000/svg";
const nothing = [undefined, null, false, ""];
const drawn = new WeakMap();

/**
 * Describes an element: `h("a.name", { href }, "text", child)`. A false, empty or undefined
 * attribute is left out; `--…` is a custom property, `key` tells an element from its neighbours.
 * Children may be nodes too, or nothing.
 */
export function h(spec, ...children) {
  const [name, ...classes] = spec.split(".");
  const given = children[0]?.constructor === Object ? children.shift() : {};
  const attributes = { ...given, class: joined([...classes, given.class], " ") };
  // No attributes: it has no prototype.
  return { __proto__: null, name, attributes, children };
}

export function button(label, onclick, attributes) {
  return h("button", { onclick, ...attributes }, label);
}

export function searchField(label, value, onText, attributes) {
  return h("input", { type: "search", value, placeholder: label, "aria-label": label,
    autocomplete: "off", spellcheck: "false", "aria-keyshortcuts": "/",
    oninput: ({ target }) => onText(target.value), ...attributes });
}

export function focusSearch() {
  const field = document.querySelector("[type=search]");
  field?.focus();
  field?.select();
}

export function joined(words, separator = ", ") {
  return words.filter(Boolean).join(separator);
}

export function make(description) {
  return made(description, undefined, document.body);
}

/** Makes the children of a node those described, of nodes that are there if it can. */
export function draw(parent, ...children) {
  const before = drawn.get(parent) ?? new Map();
  const after = new Map();
  for (const [index, child] of children.entries()) {
    if (nothing.includes(child)) continue;
    const { name = "text", attributes } = child;
    const key = child instanceof Node ? child : `${name} ${attributes?.key ?? index}`;
    after.set(key, { child, node: made(child, before.get(key), parent) });
  }
  drawn.set(parent, after);
  for (const [key, { node }] of before) if (!after.has(key)) node.remove();
  let place = parent.firstChild;
  for (const { node } of after.values()) {
    if (node === place) place = place.nextSibling;
    else parent.insertBefore(node, place);
  }
}

function made(child, old, { namespaceURI }) {
  if (child instanceof Node) return child;
  if (child === old?.child) return old.node;
  const { name, attributes, children } = child;
  if (!children) return Object.assign(old?.node ?? new Text(), { data: child });
  const node = old?.node
    ?? document.createElementNS(name === "svg" ? svgSpace : namespaceURI, name);
  draw(node, ...children);
  const past = old?.child.attributes ?? {};
  for (const key of Object.keys({ ...past, ...attributes })) {
    if (key === "value" || past[key] !== attributes[key]) set(node, key, attributes[key]);
  }
  return node;
}

function set(node, key, value = "") {
  if (key === "value" || key.startsWith("on")) {
    if (node[key] !== value) node[key] = value;
  } else if (key.startsWith("--")) node.style.setProperty(key, value);
  else if (value === "" || value === false) node.removeAttribute(key);
  else if (key !== "key") node.setAttribute(key, value === true ? "" : value);
}
