// Package paired compares contenders on a machine that does other things as well: they take short turns, so that
// whatever disturbs meets all of them, and are compared round by round.
package paired

import "context"

// Rounds gives every contender, 0 to contenders-1, a turn in every round, and ends with the first error. Each round
// starts with another contender, so that none always follows the same one. Once the context has ended nobody gets another
// turn, and its cause is the error.
func Rounds(ctx context.Context, rounds, contenders int, turn func(contender int) error) error {
	for round := range rounds {
		for i := range contenders {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err := turn((round + i) % contenders); err != nil {
				return err
			}
		}
	}
	return nil
}
