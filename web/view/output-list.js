import { countText } from "../model/quantity.js";
import { element, setText } from "./element.js";

/** A job's outputs as they come: each key once, with its last value. */
export class OutputList {
    #values = new Map();
    #title = element("summary", {});
    #list = element("dl", {});

    element = element("details", { class: "outputs", open: true, hidden: true },
        this.#title, this.#list);

    show(outputs) {
        for (const [key, value] of Object.entries(outputs)) {
            let node = this.#values.get(key);
            if (node === undefined) {
                node = element("dd", {});
                this.#values.set(key, node);
                this.#list.append(element("div", {}, element("dt", {}, key), node));
            }
            setText(node, value);
            node.title = value.slice(0, 1000);
        }
        this.element.hidden = this.#values.size === 0;
        setText(this.#title, countText(this.#values.size, "output"));
    }
}
