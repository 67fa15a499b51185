/*
title: {tr: Akışlar, en: Journeys}
description:
  tr: Bu günlerde başlayan katılımlar; her adımı kaç müşteri geçti, kaçı bekliyor, neden bitti, kaçı sipariş verdi.
  en: "Enrollments that began in these days: how many came to each step, wait, ended and why, and ordered."
parameters: [from, to, segment, compare]
tables:
  - name: journeys
    title: {tr: Akışlar, en: Journeys}
    key: [journey]
    chart: {kind: bars, x: journey, y: [entered, ordered]}
    columns:
      journey: {kind: text, tr: Akış, en: Journey, means: name of the journey}
      entered: {kind: count, tr: Başlayan, en: Entered, means: enrollments that began in these days}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers of these enrollments}
      live: {kind: count, tr: Süren, en: Live, means: not ended yet}
      completed: {kind: count, tr: Tamamlanan, en: Completed, means: came to the end of their steps}
      ended_otherwise: {kind: count, tr: Erken biten, en: Ended before, means: "ended by an exit rule, a holdout or something else"}
      ordered: {kind: count, tr: Sipariş veren, en: Ordered, means: enrollments whose customer ordered within 14 days of their beginning}
      rate: {kind: share, tr: Sipariş oranı, en: Order rate, means: ordered of entered}
  - name: steps
    title: {tr: Adımlar, en: Steps}
    key: [journey, step, became, which]
    columns:
      journey: {kind: text, tr: Akış, en: Journey, means: name of the journey}
      step: {kind: text, tr: Adım, en: Step, means: step of the journey}
      became: {kind: text, tr: Sonuç, en: Became, means: "handed_over, chosen, skipped or decided"}
      which: {kind: text, tr: Ayrıntı, en: Which, means: "channels, reason of a skip, or branch"}
      enrollments: {kind: count, tr: Katılım, en: Enrollments, means: enrollments with this at the step}
      share: {kind: share, tr: Pay, en: Share, means: of those that entered the journey}
      hours: {kind: hours, tr: Ortanca saat, en: Median hours, means: median of the hours from the beginning to this}
      waiting: {kind: count, tr: Burada bekleyen, en: Waiting behind it, means: live enrollments for which it is the newest step}
      waiting_hours: {kind: hours, tr: Ne zamandır, en: Waiting for, means: median of the hours for which these wait up to now}
  - name: breaks
    title: {tr: Nerede kopuyor, en: Where they break off}
    key: [journey, step, reason]
    chart: {kind: bars, x: step, y: [enrollments]}
    columns:
      journey: {kind: text, tr: Akış, en: Journey, means: name of the journey}
      step: {kind: text, tr: Son adım, en: Last step, means: newest step before an end that is no completion; empty if there was none}
      reason: {kind: text, tr: Neden, en: Reason, means: "the exit rule, holdout, ..."}
      enrollments: {kind: count, tr: Katılım, en: Enrollments, means: enrollments that ended there so}
      share: {kind: share, tr: Pay, en: Share, means: of those that entered the journey}
      hours: {kind: hours, tr: Orada geçen saat, en: Hours there, means: median of the hours from that step (or the beginning) to the end}
  - name: ends
    title: {tr: Neden bitti, en: Why they ended}
    key: [journey, reason]
    chart: {kind: bars, x: reason, y: [enrollments]}
    columns:
      journey: {kind: text, tr: Akış, en: Journey, means: name of the journey}
      reason: {kind: text, tr: Neden, en: Reason, means: "completed, the exit rule, holdout, ..."}
      enrollments: {kind: count, tr: Katılım, en: Enrollments, means: enrollments that ended so}
      hours: {kind: hours, tr: Ortanca saat, en: Median hours, means: median of the hours from the beginning to the end}
*/
-- shared: entered
SELECT enrollments.* FROM enrollments WHERE began_at >= from_ms() AND began_at < to_ms();

-- shared: walked
SELECT
  id, journey, state, began_at, s.step AS step, s.became AS became, coalesce(s."which", '') AS which, s."at" AS "at",
  row_number() OVER (PARTITION BY id ORDER BY s."at" DESC, s.step DESC) = 1 AS newest
FROM (SELECT id, journey, state, began_at, unnest(steps) AS s FROM entered);

-- table: journeys
WITH buyers AS (
  SELECT DISTINCT entered.id AS id FROM entered JOIN bought
    ON bought.person = entered.person AND bought."at" >= began_at AND bought."at" < began_at + 1209600000
)
SELECT
  journey, count(*) AS entered, count(DISTINCT person) AS customers, count(*) FILTER (WHERE state = 'live') AS live,
  count(*) FILTER (WHERE state = 'ended' AND reason = 'completed') AS completed,
  count(*) FILTER (WHERE state = 'ended' AND reason <> 'completed') AS ended_otherwise,
  count(buyers.id) AS ordered, count(buyers.id) / count(*) AS rate
FROM entered LEFT JOIN buyers USING (id)
GROUP BY journey ORDER BY entered DESC, journey;

-- table: steps
WITH sizes AS (SELECT journey, count(*) AS size FROM entered GROUP BY journey)
SELECT
  journey, step, became, which, count(*) AS enrollments, count(*) / any_value(size) AS share,
  median(("at" - began_at) / 3600000) AS hours, count(*) FILTER (WHERE newest AND state = 'live') AS waiting,
  median((now_ms() - "at") / 3600000) FILTER (WHERE newest AND state = 'live') AS waiting_hours
FROM walked JOIN sizes USING (journey)
GROUP BY journey, step, became, which ORDER BY journey, hours, step, became, which;

-- table: breaks
WITH sizes AS (SELECT journey, count(*) AS size FROM entered GROUP BY journey)
SELECT
  entered.journey AS journey, coalesce(step, '') AS step, reason, count(*) AS enrollments, count(*) / any_value(size) AS share,
  median((ended_at - coalesce("at", entered.began_at)) / 3600000) AS hours
FROM entered JOIN sizes USING (journey) LEFT JOIN (FROM walked WHERE newest) AS last USING (id)
WHERE entered.state = 'ended' AND reason <> 'completed'
GROUP BY 1, 2, 3 ORDER BY enrollments DESC, 1, 2, 3;

-- table: ends
SELECT journey, reason, count(*) AS enrollments, median((ended_at - began_at) / 3600000) AS hours
FROM entered WHERE state = 'ended'
GROUP BY journey, reason ORDER BY enrollments DESC, journey, reason;
