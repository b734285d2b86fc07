package impact

// JudgeEvicted is [Comparison.Judge] for a workload whose pods are evicted for the change: all of them are made again,
// at once, and the policy places them by what is so at that time.
//
// Where an image could not be inspected it is therefore not enough that the pods' builds would take them, as it is for
// pods that are left alone: the policy has to admit them without knowing the image, and to choose these builds again. It
// may have chosen them by an image that could be inspected then.
func (c *Comparison) JudgeEvicted(w *Workload) (Result, error) {
	result, err := c.compare(w)
	if err != nil {
		return result, err
	}
	if then := &result.Then; then.Outcome == Unknown && result.returns() {
		then.Outcome, then.Image, then.Finding = Untouched, "", nil
	}
	return result, nil
}

// returns tells that the pods would be placed again for the one build that they are on.
func (r *Result) returns() bool {
	return len(r.Builds) == 1 && r.Builds[0].Build == r.Then.choice && r.stays()
}
