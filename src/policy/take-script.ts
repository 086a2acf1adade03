import { TOLERANCE } from './token-bucket.js';

/**
 * One take, atomic in Redis and by Redis' own clock: the same arithmetic as `token-bucket.ts`. KEYS[1] holds the time at which the
 * bucket will be full again, in milliseconds since 2025 (a recent start leaves a double more digits), and goes when it is.
 * ARGV: capacity, refill per minute, cost, debt known elsewhere in milliseconds. Answers thousandths of a `Verdict`.
 * A cost of 0 is a look and writes nothing. Whatever else the key may hold is overwritten: at worst the bucket begins full, or empty, once.
 */
export const TAKE_SCRIPT = `
local time = redis.call('TIME')
local now = (time[1] - 1735689600) * 1000 + time[2] / 1000
local tokenMs = 60000 / ARGV[2]
local emptyMs = ARGV[1] * tokenMs

local held = redis.pcall('GET', KEYS[1])
local debt = 0
local faulty = false
if type(held) == 'string' then
  local fullAt = tonumber(held)
  faulty = fullAt == nil or fullAt ~= fullAt or fullAt - now > emptyMs
  if fullAt and fullAt > now then debt = fullAt - now end
elseif held then
  faulty = true
end

local told = tonumber(ARGV[4])
if told > debt then
  debt = told
  faulty = true
end
if debt > emptyMs then debt = emptyMs end

local after = debt + ARGV[3] * tokenMs
local allowed = after <= emptyMs + ${TOLERANCE} * tokenMs
if allowed then debt = after end
if (allowed and ARGV[3] ~= '0') or faulty then
  redis.call('SET', KEYS[1], string.format('%.6f', now + debt), 'PX', math.ceil(debt) + 1000)
end
if allowed then return math.ceil(debt * 1000) end
return -1000 - math.ceil(debt * 1000)
`;
