/*
title: {tr: Ne değişti, en: What changed}
description:
  tr: Önceki döneme göre rastlantıyla açıklanamayan değişiklikler, aralıklarıyla ve denenecek şeyle. Hiçbir şey değişmediyse boştur.
  en: What changed against the period before beyond chance, each with its interval and what to try next. Nothing where nothing changed.
parameters: [from, to, segment]
reads_before: true
tables:
  - name: changes
    title: {tr: Değişiklikler, en: Changes}
    empty: {tr: "Rastlantıyla açıklanamayan bir değişiklik yok.", en: "Nothing changed beyond chance."}
    key: [area, subject, figure]
    finish: changes
    columns:
      area: {kind: text, tr: Alan, en: Area, means: "messages, segments, orders by channel, hours, or break points"}
      subject: {kind: text, tr: Neyin, en: Of what, means: "channel, segment, hours of the day, or place of the view"}
      figure: {kind: text, tr: Ölçü, en: Figure, means: the share that changed; docs/digest.md says each}
      was: {kind: share, tr: Önce, en: Before, means: in the period before}
      now: {kind: share, tr: Şimdi, en: Now, means: in these days}
      difference: {kind: points, between: [low, high], tr: Fark, en: Difference, means: now minus before}
      low: {kind: points, tr: En az, en: From, means: lower end of its interval; of all intervals that are told 95 of 100 hold the truth}
      high: {kind: points, tr: En çok, en: To, means: upper end of its interval}
      next: {kind: advice, tr: Ne denemeli, en: What to try, means: a plain rule of docs/digest.md}
  - name: about
    title: {tr: Karşılaştırılanlar, en: What was compared}
    finish: compared
    columns:
      compared: {kind: count, tr: Karşılaştırılan, en: Compared, means: figures with enough customers to be compared}
      left_out: {kind: count, tr: Az veri, en: Too few, means: figures with too few customers}
      changed: {kind: count, tr: Değişen, en: Changed, means: "those that are told; in a shop without change none are, in 95 of 100 digests"}
*/
-- shared: sent_before_and_now
SELECT
  id, person, channel, planned_at, CASE WHEN planned_at >= from_ms() THEN 1 ELSE 0 END AS later
FROM messages
WHERE state = 'sent' AND purpose = 'marketing' AND planned_at >= 2 * from_ms() - to_ms()
  AND planned_at < least(to_ms(), now_ms() - 518400000);

-- shared: answered_soon
SELECT
  sent_before_and_now.id AS id, bool_or(mark = 2) AS open_rate, bool_or(mark = 8) AS click_rate,
  bool_or(mark = 128) AS unsubscribe_rate, bool_or(mark = 32) AS bounce_rate
FROM sent_before_and_now JOIN reactions USING (id)
WHERE reactions."at" < planned_at + 518400000 GROUP BY sent_before_and_now.id;

-- shared: message_shares
WITH paid AS (
  SELECT DISTINCT id, true AS conversion_rate FROM credited JOIN sent_before_and_now USING (id)
  WHERE credited."at" < planned_at + 518400000
), marked AS (
  SELECT * FROM sent_before_and_now LEFT JOIN answered_soon USING (id) LEFT JOIN paid USING (id)
), told AS (
  SELECT channel, person, later, 'open_rate' AS figure, coalesce(open_rate, false) AS hit FROM marked WHERE channel = 'email'
  UNION ALL SELECT channel, person, later, 'click_rate', coalesce(click_rate, false) FROM marked
  UNION ALL SELECT channel, person, later, 'unsubscribe_rate', coalesce(unsubscribe_rate, false) FROM marked
  UNION ALL SELECT channel, person, later, 'bounce_rate', coalesce(bounce_rate, false) FROM marked
  UNION ALL SELECT channel, person, later, 'conversion_rate', coalesce(conversion_rate, false) FROM marked
)
SELECT 'messages' AS area, channel AS subject, figure, person, later, count(*) AS n, count(*) FILTER (WHERE hit) AS h
FROM told GROUP BY channel, figure, person, later;

-- shared: counted_shares
WITH orders AS (
  SELECT person, channel AS subject, CASE WHEN "at" >= from_ms() THEN 1 ELSE 0 END AS later
  FROM bought WHERE "at" >= 2 * from_ms() - to_ms() AND "at" < to_ms()
), answers AS (
  SELECT
    person, lpad(CAST(hour(local) // 4 * 4 AS VARCHAR), 2, '0') || '-' || lpad(CAST(hour(local) // 4 * 4 + 4 AS VARCHAR), 2, '0') AS subject,
    CASE WHEN "at" >= from_ms() THEN 1 ELSE 0 END AS later
  FROM (
    SELECT person, reactions."at" AS "at", local_time(reactions."at") AS local
    FROM reactions JOIN messages USING (id)
    WHERE mark IN (2, 8) AND reactions."at" >= 2 * from_ms() - to_ms() AND reactions."at" < to_ms()
  )
), placed AS (
  SELECT 'orders' AS area, 'orders' AS figure, * FROM orders UNION ALL SELECT 'hours', 'answers', * FROM answers
), whole AS (SELECT area, figure, person, later, count(*) AS n FROM placed GROUP BY area, figure, person, later)
SELECT whole.area, subjects.subject, whole.figure, whole.person, whole.later, n, coalesce(h, 0) AS h
FROM whole JOIN (SELECT DISTINCT area, subject FROM placed) AS subjects USING (area)
LEFT JOIN (SELECT area, subject, person, later, count(*) AS h FROM placed GROUP BY area, subject, person, later) AS parts
  ON parts.area = whole.area AND parts.subject = subjects.subject AND parts.person = whole.person AND parts.later = whole.later;

-- shared: segment_shares
WITH live AS (
  SELECT person, names, 0 AS later FROM states_at_start UNION ALL SELECT person, names, 1 FROM states_at_end
), there AS (SELECT DISTINCT person, later FROM live
), members AS (SELECT DISTINCT person, later, unnest(names) AS subject FROM live)
SELECT
  'segments' AS area, subjects.subject, 'members' AS figure, there.person, there.later, 1 AS n,
  CASE WHEN members.person IS NULL THEN 0 ELSE 1 END AS h
FROM there CROSS JOIN (SELECT DISTINCT subject FROM members) AS subjects
LEFT JOIN members ON members.person = there.person AND members.later = there.later AND members.subject = subjects.subject;

-- shared: purchase_shares
WITH days AS (
  SELECT 0 AS later, 2 * from_ms() - to_ms() AS start, from_ms() - 259200000 AS finish FROM asked
  UNION ALL SELECT 1, from_ms(), to_ms() - 259200000 FROM asked
), views AS (
  SELECT person, "at", later, channel, device FROM acts, days
  WHERE step = 1 AND "at" >= start AND "at" < finish
), firsts AS (
  SELECT person, later, min("at") AS "at" FROM views GROUP BY person, later
), viewed AS (
  SELECT firsts.person AS person, firsts."at" AS "at", firsts.later AS later, trim(channel || ' ' || device) AS subject
  FROM firsts JOIN views ON views.person = firsts.person AND views.later = firsts.later AND views."at" = firsts."at"
  QUALIFY row_number() OVER (PARTITION BY firsts.person, firsts.later ORDER BY channel, device) = 1
), done AS (
  SELECT viewed.person, later, bool_or(acts.step = 2) AS added, bool_or(acts.step = 3) AS checkout
  FROM viewed JOIN acts ON acts.person = viewed.person AND acts."at" >= viewed."at" AND acts."at" < viewed."at" + 259200000
  WHERE acts.step IN (2, 3) GROUP BY viewed.person, later
), ordered AS (
  SELECT DISTINCT viewed.person, later
  FROM viewed JOIN bought ON bought.person = viewed.person AND bought."at" >= viewed."at" AND bought."at" < viewed."at" + 259200000
), steps AS (
  SELECT
    viewed.person, viewed.later, subject, coalesce(added, false) AS added, coalesce(checkout, false) AS checkout,
    ordered.person IS NOT NULL AS bought
  FROM viewed LEFT JOIN done USING (person, later) LEFT JOIN ordered USING (person, later)
)
SELECT 'break-points' AS area, subject, 'added' AS figure, person, later, 1 AS n, CASE WHEN added THEN 1 ELSE 0 END AS h FROM steps
UNION ALL SELECT 'break-points', subject, 'checkout', person, later, 1, CASE WHEN checkout OR bought THEN 1 ELSE 0 END FROM steps WHERE added
UNION ALL SELECT 'break-points', subject, 'bought', person, later, 1, CASE WHEN bought THEN 1 ELSE 0 END FROM steps WHERE checkout;

-- shared: figures
WITH told AS (
  SELECT * FROM message_shares UNION ALL SELECT * FROM counted_shares UNION ALL SELECT * FROM segment_shares
  UNION ALL SELECT * FROM purchase_shares
), mine AS (
  SELECT
    area, subject, figure, person,
    coalesce(sum(n) FILTER (WHERE later = 1), 0) AS n1, coalesce(sum(h) FILTER (WHERE later = 1), 0) AS h1,
    coalesce(sum(n) FILTER (WHERE later = 0), 0) AS n0, coalesce(sum(h) FILTER (WHERE later = 0), 0) AS h0
  FROM told GROUP BY area, subject, figure, person
)
SELECT
  area, subject, figure, least(count(*) FILTER (WHERE n1 > 0), count(*) FILTER (WHERE n0 > 0)) AS customers,
  sum(n1) AS n1, sum(h1) AS h1, sum(n0) AS n0, sum(h0) AS h0,
  sum(h1 * h1) AS h1h1, sum(h1 * n1) AS h1n1, sum(n1 * n1) AS n1n1, sum(h0 * h0) AS h0h0, sum(h0 * n0) AS h0n0,
  sum(n0 * n0) AS n0n0, sum(h1 * h0) AS h1h0, sum(h1 * n0) AS h1n0, sum(n1 * h0) AS n1h0, sum(n1 * n0) AS n1n0
FROM mine GROUP BY area, subject, figure ORDER BY area, subject, figure;

-- table: changes
SELECT * FROM figures;

-- table: about
SELECT * FROM figures;
