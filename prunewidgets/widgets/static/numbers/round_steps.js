// Steps that people count in: 1, 2 or 5 times a power of ten.

/** The least of 1, 2, 5 and 10 times `decade` that reaches `least`; 10 times if none does. @param {number} decade @param {number} least */
export const roundStepOf = (decade, least) => decade * ([1, 2, 5].find((times) => decade * times >= least) ?? 10);
