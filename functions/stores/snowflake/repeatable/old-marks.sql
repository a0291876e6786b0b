-- Run at every migration. Of appends only the last minute is read, and the newest for how old it is: a day of positions
-- (position.ts) is kept.
DELETE FROM appends WHERE pos < (SELECT MAX(pos) FROM appends) - 362387865600000;
