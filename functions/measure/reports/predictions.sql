/*
title: {tr: Öngörüler, en: Predictions}
description:
  tr: İki ve daha çok kez alışveriş edenlerden ne beklenir. Öngörüler 90 gün geriye konularak sınanır; yalın bir kuralı geçmeyen müşterilere yazılmaz.
  en: What is expected of customers who ordered twice or more. Predictions are tested by standing 90 days back; what does not beat a plain rule is not written to customers.
parameters: [to, segment]
tables:
  - name: test
    title: {tr: Geçmişte sınama, en: Test on the past}
    key: [what]
    finish: prediction_test
    columns:
      what: {kind: text, tr: Öngörü, en: Prediction, means: "order_90d: the probability of an order within 90 days; next_order: the date; value_365d: the value of a year, tested over 90 days"}
      customers: {kind: count, tr: Sınanan, en: Tested, means: "customers who had ordered twice or more 90 days before; of next_order those of them who ordered since"}
      error: {kind: ratio, tr: Hata, en: Error, means: "of order_90d the mean squared distance (Brier), of next_order days, of value_365d money"}
      naive_error: {kind: ratio, tr: Yalın kuralın hatası, en: Error of the plain rule, means: "the same of: the share of a period earlier among those who had and had not ordered in 90 days; the customer's own mean gap; what he spent in the 90 days before"}
      low: {kind: ratio, tr: En az, en: From, means: lower end of the 95% interval of the rule's error minus the prediction's}
      high: {kind: ratio, tr: En çok, en: To, means: upper end of this interval}
      told: {kind: text, tr: Karar, en: Verdict, means: "written: the interval lies above zero, so customers get it as a trait; not_written: they do not; untested: too few customers or days to tell, so they do not either"}
  - name: calibration
    title: {tr: Öngörülen ve olan, en: Predicted and happened}
    empty: {tr: "Sınamak için 90 gün öncesinde iki kez alışveriş etmiş yeterli müşteri yok.", en: "There are too few customers who had ordered twice 90 days before."}
    key: [group]
    chart: {kind: bars, x: group, y: [predicted, happened]}
    finish: prediction_groups
    columns:
      group: {kind: count, tr: Grup, en: Group, means: "a tenth of the tested customers, the least likely first"}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers of the group}
      predicted: {kind: share, tr: Öngörülen, en: Predicted, means: mean probability of an order within 90 days as it was predicted}
      happened: {kind: share, tr: Olan, en: Happened, means: share of them with an order in these 90 days}
  - name: expected
    title: {tr: Şimdi beklenen, en: Expected now}
    empty: {tr: "Öğrenmek için yeniden alışveriş eden en az 50 müşteri gerekir.", en: "It takes 50 customers who ordered again to learn from."}
    key: [likely]
    chart: {kind: bars, x: likely, y: [customers]}
    finish: prediction_bands
    columns:
      likely: {kind: text, tr: Olasılık, en: Probability, means: of another order within 90 days}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers with two orders or more}
      orders_again: {kind: ratio, tr: Beklenen, en: Expected to order, means: sum of their probabilities}
      days: {kind: days, tr: Sonraki siparişe, en: Days to the next order, means: median of what is expected if they are still customers}
      value: {kind: money, tr: Yıllık değer, en: Value of a year, means: expected revenue of a customer in 365 days}
*/
-- shared: told
WITH today AS (
  SELECT day_of(local_time(to_ms() - 1)) AS last FROM asked
), quarters AS (
  -- A day begins at a quarter of an hour in every time zone, so local days are computed of quarters.
  SELECT quarter, day_of(local_time(quarter * 900000)) AS day
  FROM (SELECT DISTINCT "at" // 900000 AS quarter FROM counted_orders WHERE "at" < to_ms())
), days AS (
  SELECT person, day, sum(revenue) AS value
  FROM counted_orders JOIN quarters ON quarters.quarter = counted_orders."at" // 900000 WHERE "at" < to_ms() GROUP BY 1, 2
), numbered AS (
  SELECT *, row_number() OVER (PARTITION BY person ORDER BY day) AS nth FROM days
), chosen_people AS (
  SELECT person, root FROM roots WHERE person IN (SELECT person FROM days) ORDER BY md5(root) LIMIT 20000
)
SELECT
  root AS person, count(*) - 1 AS repeats, max(day) - min(day) AS recency, any_value(last) - min(day) AS age,
  avg(CAST(value AS DOUBLE)) FILTER (WHERE nth > 1) AS mean,
  count(*) FILTER (WHERE day <= last - 90) - 1 AS repeats_then,
  max(day) FILTER (WHERE day <= last - 90) - min(day) AS recency_then, any_value(last) - 90 - min(day) AS age_then,
  avg(CAST(value AS DOUBLE)) FILTER (WHERE nth > 1 AND day <= last - 90) AS mean_then,
  min(day) FILTER (WHERE day > last - 90) - (any_value(last) - 90) AS again,
  coalesce(sum(CAST(value AS DOUBLE)) FILTER (WHERE day > last - 90), 0) AS value_after,
  coalesce(sum(CAST(value AS DOUBLE)) FILTER (WHERE day > last - 180 AND day <= last - 90), 0) AS value_before,
  count(*) FILTER (WHERE day <= last - 180) AS earlier, count(*) FILTER (WHERE day > last - 270 AND day <= last - 180) > 0 AS recent_earlier,
  count(*) FILTER (WHERE day > last - 180 AND day <= last - 90) > 0 AS recent
FROM numbered JOIN chosen_people USING (person), today GROUP BY person, root ORDER BY md5(root);

-- table: test
SELECT * FROM told;

-- table: calibration
SELECT * FROM told;

-- table: expected
SELECT * FROM told;
