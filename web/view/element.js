/**
 * Creates an element. `attributes` are set as attributes (`true` as empty, `undefined` and
 * `false` not at all); children are nodes, or strings that become text.
 */
export function element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    setAttributes(node, attributes);
    node.append(...children);
    return node;
}

/** The same for SVG. */
export function svgElement(name, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    setAttributes(node, attributes);
    node.append(...children);
    return node;
}

/** Sets a text only when it is another one, so that nothing is laid out for no change. */
export function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
}

function setAttributes(node, attributes) {
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === false) continue;
        node.setAttribute(key, value === true ? "" : value);
    }
}
