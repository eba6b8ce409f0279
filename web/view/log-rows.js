import { lineKind, rowText } from "../model/line-kind.js";
import { rowChanges } from "../model/row-changes.js";
import { element } from "./element.js";

/**
 * The rows of a log: one element a line, made to match a `LineWindow` with the least change. What
 * the reader looks at stays where it is, whatever is added or dropped above.
 */
export class LogRows {
    #scroller;
    #rows = element("div", { class: "rows" });
    #shown = { start: 0, end: 0 };

    constructor(scroller) {
        this.#scroller = scroller;
        scroller.append(this.#rows);
    }

    /** Makes the rows match the window; at its end when `toEnd`. */
    show(lines, { toEnd }) {
        const changes = rowChanges(this.#shown, lines);
        const kept = this.#keptRow(changes);
        const before = kept?.getBoundingClientRect().top;
        for (let count = 0; count < changes.dropFirst; count += 1) this.#rows.firstChild.remove();
        for (let count = 0; count < changes.dropLast; count += 1) this.#rows.lastChild.remove();
        this.#rows.prepend(this.#made(lines, changes.above));
        this.#rows.append(this.#made(lines, changes.below));
        this.#shown = { start: lines.start, end: lines.end };
        const digits = String(Math.max(0, lines.end - 1)).length;
        this.#rows.style.setProperty("--digits", Math.max(3, digits));
        if (toEnd) {
            this.#scroller.scrollTop = this.#scroller.scrollHeight;
        } else if (kept !== undefined) {
            this.#scroller.scrollTop += kept.getBoundingClientRect().top - before;
        }
    }

    /** A row that is there before and after a change, nearest to where nothing is added. */
    #keptRow({ dropFirst, dropLast }) {
        const first = this.#rows.children[dropFirst];
        const isKept = this.#rows.children.length > dropFirst + dropLast;
        return isKept ? first : undefined;
    }

    #made(lines, { start, end }) {
        const fragment = document.createDocumentFragment();
        for (let number = start; number < end; number += 1) {
            const text = lines.line(number);
            const row = element("div", { class: "row", "data-line": number }, rowText(text));
            const kind = lineKind(text);
            if (kind !== "text") row.dataset.kind = kind;
            fragment.append(row);
        }
        return fragment;
    }
}
