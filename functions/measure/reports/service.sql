/*
title: {tr: Müşteri hizmetleri, en: Customer service}
description:
  tr: Görüşmeler ne kadar çabuk yanıtlandı ve kapandı, hangi kanaldan ve saatte geldi, kim yanıtladı, müşteriler ne dedi.
  en: How soon conversations were answered and closed, by which channel and when they came, who answered, what customers said.
parameters: [from, to, segment, compare]
tables:
  - name: totals
    title: {tr: Toplamlar, en: Totals}
    columns:
      opened: {kind: count, tr: Başlayan, en: Opened, means: conversations that began}
      answered: {kind: count, tr: İlk yanıt, en: First answers, means: conversations that were answered for the first time}
      answer_median: {kind: hours, tr: İlk yanıt ortancası, en: Median to the first answer, means: half of them were answered within so many hours}
      answer_most: {kind: hours, tr: İlk yanıt %90, en: 90% to the first answer, means: nine of ten were answered within so many hours}
      overdue: {kind: count, tr: Geciken, en: Late, means: answers that were not given in the time that a team promised}
      closed: {kind: count, tr: Kapanan, en: Closed, means: ends of conversations; one that opened again may end again}
      resolution_median: {kind: hours, tr: Çözüm ortancası, en: Median to the end, means: half of these ended within so many hours of their beginning}
      resolution_most: {kind: hours, tr: Çözüm %90, en: 90% to the end, means: nine of ten ended within so many hours}
      reopened: {kind: count, tr: Yeniden açılan, en: Opened again, means: closed conversations in which the customer or an agent went on}
      asked: {kind: count, tr: Sorulan, en: Asked, means: customers who were asked how it was}
      rated: {kind: count, tr: Yanıtlayan, en: Rated, means: those who gave a number in these days}
      satisfaction: {kind: number, tr: Memnuniyet, en: Satisfaction, means: mean of the numbers from 1 to 5}
      satisfied: {kind: share, tr: Memnun, en: Satisfied, means: numbers 4 and 5 of all}
  - name: channels
    title: {tr: Kanallar, en: Channels}
    key: [channel]
    chart: {kind: bars, x: channel, y: [messages]}
    columns:
      channel: {kind: text, tr: Kanal, en: Channel, means: channel by which customers wrote}
      messages: {kind: count, tr: İleti, en: Messages, means: messages of customers; what machines wrote is left out}
      opened: {kind: count, tr: Başlayan, en: Opened, means: conversations that began}
      answer_median: {kind: hours, tr: İlk yanıt ortancası, en: Median to the first answer, means: half of them were answered within so many hours}
      rated: {kind: count, tr: Yanıtlayan, en: Rated, means: customers who gave a number}
      satisfaction: {kind: number, tr: Memnuniyet, en: Satisfaction, means: mean of the numbers from 1 to 5}
  - name: hours
    title: {tr: Kanal ve saat, en: Channel and hour}
    key: [channel, hour]
    chart: {kind: matrix, x: hour, by: channel, y: [messages]}
    columns:
      channel: {kind: text, tr: Kanal, en: Channel, means: channel by which customers wrote}
      hour: {kind: count, tr: Saat, en: Hour, means: local hour}
      messages: {kind: count, tr: İleti, en: Messages, means: messages of customers; what machines wrote is left out}
  - name: backlog
    title: {tr: Bekleyenler, en: Backlog}
    key: [day]
    chart: {kind: lines, x: day, y: [backlog]}
    columns:
      day: {kind: date, tr: Gün, en: Day, means: local day on which a conversation began or ended}
      opened: {kind: count, tr: Başlayan, en: Opened, means: conversations that began or opened again}
      closed: {kind: count, tr: Kapanan, en: Closed, means: ends of conversations}
      backlog: {kind: count, tr: Gün sonunda açık, en: Not closed at its end, means: conversations that were not closed at the end of the day}
  - name: agents
    title: {tr: Temsilciler, en: Agents}
    key: [agent]
    chart: {kind: bars, x: agent, y: [closed]}
    columns:
      agent: {kind: text, tr: Temsilci, en: Agent, means: "who answered last, else who it was assigned to; empty for nobody"}
      answered: {kind: count, tr: İlk yanıt, en: First answers, means: conversations that were answered for the first time}
      answer_median: {kind: hours, tr: İlk yanıt ortancası, en: Median to the first answer, means: half of them were answered within so many hours}
      closed: {kind: count, tr: Kapanan, en: Closed, means: ends of conversations}
      resolution_median: {kind: hours, tr: Çözüm ortancası, en: Median to the end, means: half of these ended within so many hours of their beginning}
      rated: {kind: count, tr: Puan, en: Rated, means: numbers that customers gave}
      satisfaction: {kind: number, tr: Memnuniyet, en: Satisfaction, means: mean of these numbers}
*/
-- shared: told
SELECT name, "at", channel, agent, spent, rating, machine FROM (
  SELECT
    coalesce(people.person, key_of(coalesce(events.root, events.home))) AS person, name, "at",
    coalesce(channel, '') AS channel, coalesce(agent, '') AS agent, seconds / 3600 AS spent, rating,
    coalesce(machine, false) AS machine
  FROM events LEFT JOIN people ON people.home = key_of(events.home)
  WHERE source = 'support'
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen);

-- shared: here
SELECT told.* FROM told WHERE "at" >= from_ms() AND "at" < to_ms();

-- table: totals
SELECT
  count(*) FILTER (WHERE name = 'Conversation Opened') AS opened,
  count(*) FILTER (WHERE name = 'Conversation Answered') AS answered,
  quantile_cont(spent, 0.5) FILTER (WHERE name = 'Conversation Answered') AS answer_median,
  quantile_cont(spent, 0.9) FILTER (WHERE name = 'Conversation Answered') AS answer_most,
  count(*) FILTER (WHERE name = 'Answer Overdue') AS overdue,
  count(*) FILTER (WHERE name = 'Conversation Closed') AS closed,
  quantile_cont(spent, 0.5) FILTER (WHERE name = 'Conversation Closed') AS resolution_median,
  quantile_cont(spent, 0.9) FILTER (WHERE name = 'Conversation Closed') AS resolution_most,
  count(*) FILTER (WHERE name = 'Conversation Reopened') AS reopened,
  count(*) FILTER (WHERE name = 'Satisfaction Asked') AS asked,
  count(*) FILTER (WHERE name = 'Satisfaction Rated') AS rated,
  avg(rating) FILTER (WHERE name = 'Satisfaction Rated') AS satisfaction,
  avg(CASE WHEN rating >= 4 THEN 1 ELSE 0 END) FILTER (WHERE name = 'Satisfaction Rated') AS satisfied
FROM here;

-- table: channels
SELECT
  channel, count(*) FILTER (WHERE name = 'Message Received' AND NOT machine) AS messages,
  count(*) FILTER (WHERE name = 'Conversation Opened') AS opened,
  quantile_cont(spent, 0.5) FILTER (WHERE name = 'Conversation Answered') AS answer_median,
  count(*) FILTER (WHERE name = 'Satisfaction Rated') AS rated,
  avg(rating) FILTER (WHERE name = 'Satisfaction Rated') AS satisfaction
FROM here GROUP BY channel ORDER BY messages DESC, channel;

-- table: hours
SELECT channel, hour(local_time("at")) AS hour, count(*) AS messages
FROM here WHERE name = 'Message Received' AND NOT machine
GROUP BY 1, 2 ORDER BY 1, 2;

-- table: backlog
SELECT day, opened, closed, backlog FROM (
  SELECT
    day, opened, closed,
    sum(opened - closed) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS backlog, last_at
  FROM (
    SELECT
      CAST(local_time("at") AS DATE) AS day,
      count(*) FILTER (WHERE name IN ('Conversation Opened', 'Conversation Reopened')) AS opened,
      count(*) FILTER (WHERE name = 'Conversation Closed') AS closed, max("at") AS last_at
    FROM told
    WHERE name IN ('Conversation Opened', 'Conversation Reopened', 'Conversation Closed') AND "at" < to_ms()
    GROUP BY 1
  )
)
WHERE last_at >= from_ms() ORDER BY day;

-- table: agents
SELECT
  agent, count(*) FILTER (WHERE name = 'Conversation Answered') AS answered,
  quantile_cont(spent, 0.5) FILTER (WHERE name = 'Conversation Answered') AS answer_median,
  count(*) FILTER (WHERE name = 'Conversation Closed') AS closed,
  quantile_cont(spent, 0.5) FILTER (WHERE name = 'Conversation Closed') AS resolution_median,
  count(*) FILTER (WHERE name = 'Satisfaction Rated') AS rated,
  avg(rating) FILTER (WHERE name = 'Satisfaction Rated') AS satisfaction
FROM here WHERE name IN ('Conversation Answered', 'Conversation Closed', 'Satisfaction Rated')
GROUP BY agent ORDER BY closed DESC, agent;
