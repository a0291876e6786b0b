/** A few questions that show what the views hold. `project` becomes an SQL text literal. */
export function sqlExamples(project: string): { title: string; sql: string }[] {
  const name = `'${project.replaceAll("'", "''")}'`;
  return [
    {
      title: "Best runs",
      sql: `SELECT r.name, r.state, s.best AS best_val_accuracy, s.last, r.params
FROM run_summary s
JOIN runs r ON r.project = s.project AND r.run = s.run
WHERE s.project = ${name} AND s.metric = 'accuracy'
  AND s.split = 'validation' AND s.level = 'epoch'
ORDER BY s.best DESC
LIMIT 20`,
    },
    {
      title: "Loss by epoch",
      sql: `SELECT run, epoch, split, value
FROM metrics
WHERE project = ${name} AND metric = 'loss' AND level = 'epoch'
ORDER BY run, split, epoch`,
    },
    {
      title: "Overfitting",
      sql: `SELECT run, epoch, value AS gap
FROM generalisation_gap
WHERE project = ${name} AND metric = 'generalisation_gap.loss'
ORDER BY run, epoch`,
    },
    {
      title: "Time per epoch",
      sql: `SELECT run, epoch, value AS seconds
FROM time_per_epoch
WHERE project = ${name}
ORDER BY run, epoch`,
    },
    {
      title: "Latest values",
      sql: `SELECT * FROM latest_metrics WHERE project = ${name} LIMIT 100`,
    },
    {
      title: "Two runs compared",
      sql: `WITH newest AS (
  SELECT row_number() OVER (ORDER BY started_at DESC) AS age,
    params || (tags -> 'provenance') || (tags - 'provenance') AS said
  FROM runs
  WHERE project = ${name} AND tags ? 'provenance'
)
SELECT key,
  max(value) FILTER (WHERE age = 2) AS before,
  max(value) FILTER (WHERE age = 1) AS newest
FROM newest CROSS JOIN jsonb_each_text(said)
WHERE age <= 2
GROUP BY key
HAVING count(*) = 1 OR min(value) <> max(value)
ORDER BY key`,
    },
    {
      title: "Who stopped what",
      sql: `SELECT * FROM audit WHERE project = ${name} LIMIT 100`,
    },
    {
      title: "The paper's table",
      sql: `SELECT id, description, created_at, epoch, logs
FROM raw_link
ORDER BY created_at DESC
LIMIT 50`,
    },
  ];
}
