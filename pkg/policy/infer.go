package policy

// inferOS concludes a pod's operating system from its images, as far as the policy permits. A pod is for
// Windows where every image is known and is Windows-only, and for Linux where one image is Linux-only.
// Anything less certain concludes nothing.
func inferOS(images []imageView, p *Policy) podOS {
	windowsOnly := len(images) > 0
	for i := range images {
		image := images[i].image
		if image == nil {
			windowsOnly = false
			continue
		}
		if image.hasLinux() && !image.hasWindows() && p.pinLinux {
			return osLinux
		}
		if image.hasLinux() || !image.hasWindows() {
			windowsOnly = false
		}
	}
	if windowsOnly && p.inferWindows {
		return osWindows
	}
	return osUndecided
}
