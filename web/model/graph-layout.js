/**
 * Places stages and jobs on a grid, as `{ boxes, nodes, edges: [{ from, to }] }`: whatever waits
 * stands right of what it waits for, jobs below the name of their stage. Where nobody has declared
 * an order, stages follow each other as they were seen.
 */
export function graphLayout(stages, isDeclared = true) {
  // A stage without jobs takes the place of one.
  const cells = stages.flatMap((stage, order) =>
    (stage.jobs.length > 0 ? stage.jobs : [{ needs: [] }])
      .map((job) => ({ ...job, name: job.job, stage, order, columns: 1, rows: 1 })));

  function columnOf(cell) {
    if (cell.column === undefined) {
      // A circle, which the daemon refuses, does not go on for ever.
      cell.column = 0;
      const before = cells.filter(({ name, stage, order }) => cell.needs.includes(name)
        || (isDeclared ? cell.stage.needs.includes(stage.name) : order < cell.order));
      cell.column = Math.max(-1, ...before.map(columnOf)) + 1;
    }
    return cell.column;
  }

  const freeRows = cells.map(() => 0);
  const boxes = stages.map((stage) => {
    const inside = cells.filter((cell) => cell.stage === stage);
    const columns = inside.map(columnOf);
    const [column, end] = [Math.min(...columns), Math.max(...columns) + 1];
    const row = Math.max(...freeRows.slice(column, end));
    freeRows.fill(row + 1, column, end);
    for (const cell of inside) cell.row = freeRows[cell.column]++;
    const bottom = Math.max(...freeRows.slice(column, end));
    freeRows.fill(bottom, column, end);
    return { ...stage, column, row, columns: end - column, rows: bottom - row };
  });
  const nodes = cells.filter(({ job }) => job);
  const edges = [boxes, nodes].flatMap((places) => places.flatMap((to) =>
    places.filter(({ name }) => to.needs.includes(name)).map((from) => ({ from, to }))));
  return { boxes, nodes, edges };
}
