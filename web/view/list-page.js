import { ageText, countText, runTimeText } from "../model/quantity.js";
import { focusSearch, h, searchField } from "./element.js";
import { statusBadge } from "./status-badge.js";

export function listPage({ name, columns, onText, content }) {
  const noun = name.toLowerCase();
  return {
    title: `${name}s`,
    keys: [["/", "filter by text", focusSearch], ["Escape", "clear the text", () => onText("")]],

    draw(now) {
      const { text, total, matching, rows, problem, choices = [], more } = content(now);
      const count = countText(total, noun) + (more ? " loaded" : "");
      return h("section.list",
        h("div.bar", h("h1", `${name}s`),
          h("span.summary", matching < total ? `${matching} of ${count}` : count),
          searchField(`Filter ${noun}s`, text, onText), ...choices),
        h("table",
          h("thead", h("tr", ...["Status", name, ...columns, "Ran for", "Created"]
            .map((title) => h("th", title)))),
          h("tbody", ...rows)),
        matching === 0 && h("p.empty", total > 0 ? `No ${noun} matches this filter.`
          : problem || `No ${noun}s yet. They show here as they begin.`),
        more);
    },
  };
}

export function listRow(item, attributes, name, cells, now) {
  return h("tr", attributes, h("td", statusBadge(item)), h("td.name", ...name), ...cells,
    h("td.run-time", runTimeText(item, now)), h("td", ageText(item.createdAt, now)));
}
