/* What a host's addresses are, for its routes. */

/* The host's address; 0 where it has none of its own. */
ULONG own_address(void);

/* The index of the interface that has it; 0 where there is none. */
ULONG own_interface(void);
