-- Facts that few lines have and the night asks for by name.
CREATE INDEX events_of_rare_types ON core.events (type, line_id)
 WHERE type IN ('PromotionGranted', 'OverlayPlaced');
