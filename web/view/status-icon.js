import { svgElement } from "./element.js";

// One drawing a shape, in a box of 16 × 16. Filled shapes have ended or run; outlines wait.
const drawings = {
    dashes: [["circle", { cx: 8, cy: 8, r: 6, class: "stroke dashed" }]],
    dot: [["circle", { cx: 8, cy: 8, r: 6, class: "stroke" }],
        ["circle", { cx: 8, cy: 8, r: 2.2, class: "fill" }]],
    play: [["circle", { cx: 8, cy: 8, r: 6.25, class: "stroke faint" }],
        ["path", { d: "M8 1.75a6.25 6.25 0 0 1 6.25 6.25", class: "stroke turning" }],
        ["path", { d: "M6.4 5.2v5.6l4.4-2.8z", class: "fill" }]],
    bars: [["circle", { cx: 8, cy: 8, r: 6, class: "stroke" }],
        ["path", { d: "M6.4 5.6v4.8M9.6 5.6v4.8", class: "stroke" }]],
    check: [["circle", { cx: 8, cy: 8, r: 7, class: "fill" }],
        ["path", { d: "M4.9 8.3l2.2 2.2 4.1-4.6", class: "cut" }]],
    cross: [["path", { d: "M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z", class: "fill" }],
        ["path", { d: "M5.5 5.5l5 5M10.5 5.5l-5 5", class: "cut" }]],
    triangle: [["path", { d: "M8 1l7.2 13H.8z", class: "fill" }],
        ["path", { d: "M8 5.8v3.8M8 11.6v.3", class: "cut" }]],
    slash: [["circle", { cx: 8, cy: 8, r: 6, class: "stroke" }],
        ["path", { d: "M3.9 12.1l8.2-8.2", class: "stroke" }]],
};

/** The icon of a status look. The label beside it says the same, so it is hidden from readers. */
export function statusIcon({ shape, tone }) {
    const parts = drawings[shape].map(([name, attributes]) => svgElement(name, attributes));
    return svgElement("svg", {
        class: "status-icon", viewBox: "0 0 16 16", width: 16, height: 16,
        "data-tone": tone, "data-shape": shape, "aria-hidden": "true",
    }, ...parts);
}
