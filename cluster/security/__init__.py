"""Who may talk to a served search: tokens, certificates, roles and limits; safe unless told so."""
