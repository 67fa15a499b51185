/*
title: {tr: Tercih edilen kanal, en: Preferred channel}
description:
  tr: Bu günlerde en az iki kanaldan üçer ileti alan müşteriler en çok hangisine tepki verdi.
  en: On which channel customers react most, of those who got three messages or more on each of two channels in these days.
parameters: [from, to, segment, compare]
tables:
  - name: channels
    title: {tr: Kanallar, en: Channels}
    key: [channel]
    chart: {kind: bars, x: channel, y: [prefer]}
    columns:
      channel: {kind: text, tr: Kanal, en: Channel, means: "email, sms or push"}
      customers: {kind: count, tr: Karşılaştırılan, en: Compared customers, means: customers with three messages or more on this channel and on another}
      prefer: {kind: count, tr: Tercih eden, en: Prefer it, means: those who react to a larger share of messages here than on every other channel}
      share: {kind: share, tr: Pay, en: Share, means: prefer of customers}
      messages: {kind: count, tr: İleti, en: Messages, means: messages that were sent to the compared customers}
      reacted: {kind: count, tr: Tepki alan, en: Reacted, means: messages that a person clicked or opened}
      reaction_rate: {kind: share, tr: Tepki oranı, en: Reaction rate, means: reacted of messages}
*/
-- table: channels
WITH counted AS (
  SELECT person, channel, count(*) AS messages, count(*) FILTER (WHERE opened OR clicked) AS reacted
  FROM message_facts WHERE state = 'sent' AND planned_at >= from_ms() AND planned_at < to_ms()
  GROUP BY person, channel HAVING count(*) >= 3
), compared AS (
  SELECT *, reacted / messages AS rate, count(*) OVER (PARTITION BY person) AS channels FROM counted
), ranked AS (
  SELECT
    *, reacted > 0 AND rate = max(rate) OVER (PARTITION BY person) AS best,
    count(*) OVER (PARTITION BY person, rate) AS alike
  FROM compared WHERE channels > 1
)
SELECT
  channel, count(*) AS customers, count(*) FILTER (WHERE best AND alike = 1) AS prefer,
  count(*) FILTER (WHERE best AND alike = 1) / count(*) AS share, sum(messages) AS messages, sum(reacted) AS reacted,
  sum(reacted) / sum(messages) AS reaction_rate
FROM ranked GROUP BY channel ORDER BY prefer DESC, channel;
