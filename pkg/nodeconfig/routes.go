package nodeconfig

import "github.com/mullion-dev/mullion/pkg/agent/state"

// awsServices are the addresses at which AWS serves each instance by itself: time, activation of Windows, metadata,
// and names. Windows images of AWS have routes to them by the gateway, since nobody answers for them on the link.
// Source: the task addRoutes of https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2launch-v2.html.
func awsServices() []string {
	return []string{
		"169.254.169.123/32", "169.254.169.249/32", "169.254.169.250/32", "169.254.169.251/32", "169.254.169.253/32",
		"169.254.169.254/32",
	}
}

// buildRoutes keeps routes that a cloud's image has and a network plugin takes away, with its switch. The agent on the
// host sets them again after each boot, before anybody has reached the host.
func (b *builder) buildRoutes() {
	if !b.spec.CloudProvider.AWSRoutes {
		return
	}
	for _, destination := range awsServices() {
		b.desired.Routes = append(b.desired.Routes, state.GatewayRoute{Destination: destination})
	}
}
