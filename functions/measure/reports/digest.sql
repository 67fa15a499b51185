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
-- This and the next three say of a figure how many customers have the same numbers: n of the later period and n of the one
-- before, and of these the hits. Few have different ones, so sums over customers are sums over few rows.
WITH paid AS (
  SELECT DISTINCT id, true AS conversion_rate FROM credited JOIN sent_before_and_now USING (id)
  WHERE credited."at" < planned_at + 518400000
), marked AS (
  SELECT * FROM sent_before_and_now LEFT JOIN answered_soon USING (id) LEFT JOIN paid USING (id)
), mine AS (
  SELECT
    channel, person, count(*) FILTER (WHERE later = 1) AS n1, count(*) FILTER (WHERE later = 0) AS n0,
    count(*) FILTER (WHERE later = 1 AND open_rate) AS opened1, count(*) FILTER (WHERE later = 0 AND open_rate) AS opened0,
    count(*) FILTER (WHERE later = 1 AND click_rate) AS clicked1, count(*) FILTER (WHERE later = 0 AND click_rate) AS clicked0,
    count(*) FILTER (WHERE later = 1 AND unsubscribe_rate) AS gone1, count(*) FILTER (WHERE later = 0 AND unsubscribe_rate) AS gone0,
    count(*) FILTER (WHERE later = 1 AND bounce_rate) AS bounced1, count(*) FILTER (WHERE later = 0 AND bounce_rate) AS bounced0,
    count(*) FILTER (WHERE later = 1 AND conversion_rate) AS paid1, count(*) FILTER (WHERE later = 0 AND conversion_rate) AS paid0
  FROM marked GROUP BY channel, person
)
SELECT 'messages' AS area, channel AS subject, 'open_rate' AS figure, n1, opened1 AS h1, n0, opened0 AS h0, count(*) AS people FROM mine WHERE channel = 'email'
GROUP BY channel, n1, opened1, n0, opened0
UNION ALL
SELECT 'messages', channel, 'click_rate', n1, clicked1, n0, clicked0, count(*) FROM mine
GROUP BY channel, n1, clicked1, n0, clicked0
UNION ALL
SELECT 'messages', channel, 'unsubscribe_rate', n1, gone1, n0, gone0, count(*) FROM mine
GROUP BY channel, n1, gone1, n0, gone0
UNION ALL
SELECT 'messages', channel, 'bounce_rate', n1, bounced1, n0, bounced0, count(*) FROM mine
GROUP BY channel, n1, bounced1, n0, bounced0
UNION ALL
SELECT 'messages', channel, 'conversion_rate', n1, paid1, n0, paid0, count(*) FROM mine
GROUP BY channel, n1, paid1, n0, paid0;

-- shared: counted_shares
WITH orders AS (
  SELECT person, channel AS subject, CASE WHEN "at" >= from_ms() THEN 1 ELSE 0 END AS later
  FROM counted_orders WHERE "at" >= 2 * from_ms() - to_ms() AND "at" < to_ms()
), answered AS (
  -- An hour begins at a quarter of an hour in every time zone, so local hours are computed of quarters.
  SELECT person, reactions."at" // 900000 AS quarter, CASE WHEN reactions."at" >= from_ms() THEN 1 ELSE 0 END AS later
  FROM reactions JOIN messages USING (id)
  WHERE mark IN (2, 8) AND reactions."at" >= 2 * from_ms() - to_ms() AND reactions."at" < to_ms()
), quarters AS (
  SELECT quarter, lpad(CAST(start AS VARCHAR), 2, '0') || '-' || lpad(CAST(start + 4 AS VARCHAR), 2, '0') AS subject
  FROM (SELECT quarter, hour(local_time(quarter * 900000)) // 4 * 4 AS start FROM (SELECT DISTINCT quarter FROM answered))
), placed AS (
  SELECT 'orders' AS area, * FROM orders
  UNION ALL SELECT 'hours', person, subject, later FROM answered JOIN quarters ON quarters.quarter = answered.quarter
), whole AS (
  SELECT area, person, count(*) FILTER (WHERE later = 1) AS n1, count(*) FILTER (WHERE later = 0) AS n0
  FROM placed GROUP BY area, person
), parts AS (
  SELECT area, subject, person, count(*) FILTER (WHERE later = 1) AS h1, count(*) FILTER (WHERE later = 0) AS h0
  FROM placed GROUP BY area, subject, person
), hits AS (
  SELECT parts.area AS area, subject, n1, h1, n0, h0, count(*) AS people
  FROM parts JOIN whole ON whole.area = parts.area AND whole.person = parts.person GROUP BY parts.area, subject, n1, h1, n0, h0
), others AS (
  SELECT everybody.area AS area, subjects.subject AS subject, everybody.n1 AS n1, everybody.n0 AS n0,
    everybody.people - coalesce(found.people, 0) AS people
  FROM (SELECT area, n1, n0, count(*) AS people FROM whole GROUP BY area, n1, n0) AS everybody
  JOIN (SELECT DISTINCT area, subject FROM hits) AS subjects ON subjects.area = everybody.area
  LEFT JOIN (SELECT area, subject, n1, n0, sum(people) AS people FROM hits GROUP BY area, subject, n1, n0) AS found
    ON found.area = everybody.area AND found.subject = subjects.subject AND found.n1 = everybody.n1 AND found.n0 = everybody.n0
)
SELECT area, subject, CASE area WHEN 'orders' THEN 'orders' ELSE 'answers' END AS figure, n1, h1, n0, h0, people FROM hits
UNION ALL
SELECT area, subject, CASE area WHEN 'orders' THEN 'orders' ELSE 'answers' END, n1, 0, n0, 0, people FROM others;

-- shared: segment_shares
WITH live AS (
  SELECT person, names, 0 AS later FROM states_at_start UNION ALL SELECT person, names, 1 FROM states_at_end
), there AS (
  SELECT person, max(later) AS n1, 1 - min(later) AS n0 FROM live GROUP BY person
), members AS (
  SELECT person, subject, max(later) AS h1, 1 - min(later) AS h0
  FROM (SELECT person, later, unnest(names) AS subject FROM live) GROUP BY person, subject
), hits AS (
  SELECT subject, n1, h1, n0, h0, count(*) AS people
  FROM members JOIN there ON there.person = members.person GROUP BY subject, n1, h1, n0, h0
), others AS (
  SELECT subjects.subject AS subject, everybody.n1 AS n1, everybody.n0 AS n0, everybody.people - coalesce(found.people, 0) AS people
  FROM (SELECT n1, n0, count(*) AS people FROM there GROUP BY n1, n0) AS everybody
  CROSS JOIN (SELECT DISTINCT subject FROM hits) AS subjects
  LEFT JOIN (SELECT subject, n1, n0, sum(people) AS people FROM hits GROUP BY subject, n1, n0) AS found
    ON found.subject = subjects.subject AND found.n1 = everybody.n1 AND found.n0 = everybody.n0
)
SELECT 'segments' AS area, subject, 'members' AS figure, n1, h1, n0, h0, people FROM hits
UNION ALL SELECT 'segments', subject, 'members', n1, 0, n0, 0, people FROM others;

-- shared: purchase_shares
WITH views AS (
  SELECT person, "at", CASE WHEN "at" >= from_ms() THEN 1 ELSE 0 END AS later, channel, device FROM acts
  WHERE step = 1 AND "at" >= 2 * from_ms() - to_ms() AND "at" < to_ms() - 259200000
    AND ("at" >= from_ms() OR "at" < from_ms() - 259200000)
), firsts AS (
  SELECT person, later, min("at") AS "at" FROM views GROUP BY person, later
), viewed AS (
  SELECT firsts.person AS person, firsts."at" AS "at", firsts.later AS later, trim(channel || ' ' || device) AS subject
  FROM firsts JOIN views ON views.person = firsts.person AND views.later = firsts.later AND views."at" = firsts."at"
  QUALIFY row_number() OVER (PARTITION BY firsts.person, firsts.later ORDER BY channel, device) = 1
), done AS (
  SELECT viewed.person, later, bool_or(acts.step = 2) AS added, bool_or(acts.step = 3) AS checkout
  FROM viewed JOIN acts ON acts.person = viewed.person AND acts."at" >= viewed."at" AND acts."at" < viewed."at" + 259200000
  WHERE acts.step IN (2, 3) AND acts."at" >= 2 * from_ms() - to_ms() AND acts."at" < to_ms() GROUP BY viewed.person, later
), ordered AS (
  SELECT DISTINCT viewed.person, later
  FROM viewed JOIN bought ON bought.person = viewed.person AND bought."at" >= viewed."at" AND bought."at" < viewed."at" + 259200000
), steps AS (
  SELECT
    viewed.person, viewed.later, subject, coalesce(added, false) AS added, coalesce(checkout, false) AS checkout,
    ordered.person IS NOT NULL AS bought
  FROM viewed LEFT JOIN done USING (person, later) LEFT JOIN ordered USING (person, later)
), mine AS (
  SELECT
    subject, person, count(*) FILTER (WHERE later = 1) AS viewed1, count(*) FILTER (WHERE later = 0) AS viewed0,
    count(*) FILTER (WHERE later = 1 AND added) AS added1, count(*) FILTER (WHERE later = 0 AND added) AS added0,
    count(*) FILTER (WHERE later = 1 AND added AND (checkout OR bought)) AS on1,
    count(*) FILTER (WHERE later = 0 AND added AND (checkout OR bought)) AS on0,
    count(*) FILTER (WHERE later = 1 AND checkout) AS checkout1, count(*) FILTER (WHERE later = 0 AND checkout) AS checkout0,
    count(*) FILTER (WHERE later = 1 AND checkout AND bought) AS bought1,
    count(*) FILTER (WHERE later = 0 AND checkout AND bought) AS bought0
  FROM steps GROUP BY subject, person
)
SELECT 'break-points' AS area, subject, 'added' AS figure, viewed1 AS n1, added1 AS h1, viewed0 AS n0, added0 AS h0, count(*) AS people
FROM mine GROUP BY subject, viewed1, added1, viewed0, added0
UNION ALL
SELECT 'break-points', subject, 'checkout', added1, on1, added0, on0, count(*)
FROM mine WHERE added1 + added0 > 0 GROUP BY subject, added1, on1, added0, on0
UNION ALL
SELECT 'break-points', subject, 'bought', checkout1, bought1, checkout0, bought0, count(*)
FROM mine WHERE checkout1 + checkout0 > 0 GROUP BY subject, checkout1, bought1, checkout0, bought0;

-- shared: figures
WITH told AS (
  SELECT * FROM message_shares UNION ALL SELECT * FROM counted_shares UNION ALL SELECT * FROM segment_shares
  UNION ALL SELECT * FROM purchase_shares
)
SELECT
  area, subject, figure,
  least(coalesce(sum(people) FILTER (WHERE n1 > 0), 0), coalesce(sum(people) FILTER (WHERE n0 > 0), 0)) AS customers,
  sum(people * n1) AS n1, sum(people * h1) AS h1, sum(people * n0) AS n0, sum(people * h0) AS h0,
  sum(people * h1 * h1) AS h1h1, sum(people * h1 * n1) AS h1n1, sum(people * n1 * n1) AS n1n1,
  sum(people * h0 * h0) AS h0h0, sum(people * h0 * n0) AS h0n0, sum(people * n0 * n0) AS n0n0,
  sum(people * h1 * h0) AS h1h0, sum(people * h1 * n0) AS h1n0, sum(people * n1 * h0) AS n1h0,
  sum(people * n1 * n0) AS n1n0
FROM told GROUP BY area, subject, figure ORDER BY area, subject, figure;

-- table: changes
SELECT * FROM figures;

-- table: about
SELECT * FROM figures;
