-- A charged-off line whose cycle of the charge-off has its statement closes no other: the night looks for it no more.
SET LOCAL cashline.role = 'system';
UPDATE core.line_projection AS p SET next_close_on = NULL
 WHERE p.status = 'charged_off'
   AND EXISTS (SELECT FROM core.events AS e JOIN core.statements AS s ON s.line_id = e.line_id
                WHERE e.line_id = p.line_id AND e.type = 'ChargedOff' AND s.cycle_end >= e.effective_on);
RESET cashline.role;
