import { element } from "./element.js";

/** The page for an address that names none. */
export class UnknownView {
    title = "Not found · Podwire";

    constructor({ address }) {
        this.element = element("section", { class: "empty" },
            element("h1", {}, "There is no such page"),
            element("p", {}, element("code", {}, address)),
            element("p", {}, element("a", { href: "#/" }, "All jobs")));
    }

    start() {}

    close() {}
}
