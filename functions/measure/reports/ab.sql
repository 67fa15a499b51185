/*
title: {tr: A/B karşılaştırması, en: A/B comparison}
description:
  tr: Bölünen adımların kolları; 14 gün içindeki siparişlere göre, her kol ilk kolla (ya da control adlı kolla) karşılaştırılır. Kazanan erken ilan edilmez.
  en: The arms of splits, by orders within 14 days, each compared with the first arm (or the one named control). No winner is named too early.
parameters: [from, to, segment, compare]
tables:
  - name: arms
    title: {tr: Kollar, en: Arms}
    empty: {tr: "Bu günlerde hiçbir akış müşterileri bölmedi.", en: "No journey split its customers in these days."}
    key: [journey, step, arm]
    finish: arms
    columns:
      journey: {kind: text, tr: Akış, en: Journey, means: name of the journey}
      step: {kind: text, tr: Adım, en: Step, means: the step that splits}
      arm: {kind: text, tr: Kol, en: Arm, means: name of the arm}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers of the arm}
      converted: {kind: count, tr: Sipariş veren, en: Ordered, means: those with an order within 14 days}
      rate: {kind: share, tr: Sipariş oranı, en: Order rate, means: converted of customers}
      difference: {kind: points, between: [low, high], tr: Fark, en: Difference, means: its rate minus the reference's}
      low: {kind: points, tr: En az, en: From, means: lower end of the 95% interval (Newcombe)}
      high: {kind: points, tr: En çok, en: To, means: upper end of the 95% interval}
      lift: {kind: share, tr: Orana göre fark, en: Lift, means: difference as a share of the reference's rate}
      revenue_each: {kind: money, tr: Müşteri başına ciro, en: Revenue per customer, means: revenue within 14 days}
      revenue_difference: {kind: money, between: [revenue_low, revenue_high], tr: Ciro farkı, en: Difference in revenue, means: difference per customer}
      revenue_low: {kind: money, tr: En az, en: From, means: lower end of the 95% interval (Welch)}
      revenue_high: {kind: money, tr: En çok, en: To, means: upper end of the 95% interval}
      revenue_lift: {kind: share, tr: Ciroya göre fark, en: Lift of revenue, means: difference as a share of the reference's revenue per customer}
      needed: {kind: count, tr: Gereken müşteri, en: Still needed, means: customers still needed for a verdict if the difference stays}
      verdict: {kind: text, tr: Karar, en: Verdict, means: "reference, open, better or worse"}
*/
-- table: arms
WITH firsts AS (
  SELECT * FROM choices WHERE chance = 'split'
  QUALIFY row_number() OVER (PARTITION BY person, journey, step ORDER BY "at", id) = 1
    AND count(DISTINCT arm) OVER (PARTITION BY person, journey, step) = 1
)
SELECT
  journey, step, arm, count(*) AS customers, count(*) FILTER (WHERE orders > 0) AS converted, sum(revenue) AS revenue,
  sum(CAST(revenue AS DOUBLE) * CAST(revenue AS DOUBLE)) AS squares
FROM firsts GROUP BY journey, step, arm ORDER BY journey, step, arm;
