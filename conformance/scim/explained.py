"""What scim2-tester finds and we mean: the resource type, what its report says, and why."""

EXPLAINED = [
    ("*", r"check_remove_attribute.*`(active|state)` is required, and stays",
     "SCIM has no attribute without a value that may be changed but not removed; something is always "
     "in a state of its life, and to remove that says nothing about the next one"),
    ("*", r"check_remove_attribute.*'urn:wardlock:scim:schemas:extension:1.0:(User|Group)'.*"
          r"`entityId` stays",
     "the whole extension is removed, and in it what is immutable: RFC 7644, 3.5.2 wants `mutability`"),
    ("Patient", r"check_(add|replace)_attribute.*'(isConfidential|hasPsychiatricNotes)'",
     "they are returned on request only (RFC 7643, 7), and the tester does not request them"),
]
