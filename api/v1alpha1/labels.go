package v1alpha1

const (
	// LabelWindowsBuild on a pod asks for a build, such as "10.0.20348". It is how a pod asks for a build
	// that its policy offers as a preview, and how a pod whose image cannot be inspected says what it needs.
	LabelWindowsBuild = GroupName + "/windows-build"

	// LabelManagedBy on an object tells that this project made it and keeps it as it should be.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of LabelManagedBy on what this project made.
	ManagedBy = "mullion"

	// LabelHostSource on a WindowsHost names the source that made it and will remove it. One without it is the
	// administrator's own.
	LabelHostSource = GroupName + "/source"

	// AnnotationSourceDigest on a WindowsHost is the digest of what its source has set in it last.
	AnnotationSourceDigest = GroupName + "/source-digest"
	// AnnotationTrustOnFirstUse on the ConfigMap windows-instances, or on a Machine, with the value "true", believes
	// whatever key a host that comes from there shows first, unless it is known which one it has. Any other value does not.
	AnnotationTrustOnFirstUse = GroupName + "/trust-on-first-use"

	// LabelHostUID on what is made for one WindowsHost in another namespace, such as its bootstrap token, is the UID of
	// that host.
	LabelHostUID = GroupName + "/host-uid"

	// LabelOS on a Machine of Cluster API, with the value "windows", makes a WindowsHost of it.
	LabelOS = GroupName + "/os"
	// AnnotationUser on a Machine is the administrator as whom to log in, where it is not the one that the machine's
	// platform makes.
	AnnotationUser = GroupName + "/user"
	// AnnotationMachineUID on a WindowsHost is the UID of the Machine that it was made of: another Machine of the same
	// name is another host.
	AnnotationMachineUID = GroupName + "/machine-uid"

	// FinalizerHost keeps a WindowsHost until its host was given back.
	FinalizerHost = GroupName + "/host"

	// AnnotationHost on a node names its WindowsHost, as namespace/name.
	AnnotationHost = GroupName + "/host"
	// AnnotationNode on what is made for one node, such as the bootstrap token of its host, names the node.
	AnnotationNode = GroupName + "/node"
	// AnnotationOrphan on a WindowsHost, with the value "true", lets go of the host without touching it when the
	// object is deleted.
	AnnotationOrphan = GroupName + "/orphan"
	// AnnotationConfirmRemoval on a list of hosts, such as the ConfigMap windows-instances, tells that all of its hosts
	// may go, with the list or by emptying it. It is copied to the WindowsHosts of the list, where it outlives the
	// list. Its value is for people to read: when it was confirmed, and by whom.
	AnnotationConfirmRemoval = GroupName + "/confirm-removal"
	// AnnotationReconcile on a WindowsHost makes the node manager look at the host at once whenever its value changes.
	AnnotationReconcile = GroupName + "/reconcile"
	// AnnotationCordonedBy on a node tells that the node manager has cordoned it and will take that back. The value is
	// the reason. A cordon without it is somebody else's, and stays.
	AnnotationCordonedBy = GroupName + "/cordoned"
	// AnnotationNodeLabels on a node lists the keys of the labels that the node manager has set, separated by commas, so
	// that it takes off those that are no longer wanted.
	AnnotationNodeLabels = GroupName + "/labels"
	// AnnotationNodeTaints on a node lists the taints that the node manager has set, as key=value:effect separated by
	// commas, so that it takes off those that are no longer wanted, and no others.
	AnnotationNodeTaints = GroupName + "/taints"
	// AnnotationSourceVIP on a node is the address of its subnet that was set aside for kube-proxy, where a network
	// other than OVN-Kubernetes is an overlay.
	AnnotationSourceVIP = GroupName + "/source-vip"
	// AnnotationBreakGlass on a node of ours lets those who may break the glass change by hand what the node manager
	// keeps. The value is why, which is for people to read. See manifests/components/node-protection.
	AnnotationBreakGlass = GroupName + "/break-glass"
)

// Names of the Windows Machine Config Operator, which are read and kept so that its users can move.
// Source: github.com/openshift/windows-machine-config-operator, pkg/metadata and its documentation.
const (
	operatorPrefix = "windowsmachineconfig.openshift.io/"

	// AnnotationOperatorVersion on a node is the version of what configured it.
	AnnotationOperatorVersion = operatorPrefix + "version"
	// AnnotationOperatorDesiredVersion on a node is the version that it is to have.
	AnnotationOperatorDesiredVersion = operatorPrefix + "desired-version"
	// AnnotationPublicKeyHash on a node is the SHA-256, in hexadecimal digits, of the line of authorized_keys by
	// which its host is logged in to, without space around it.
	AnnotationPublicKeyHash = operatorPrefix + "pub-key-hash"
	// AnnotationRebootRequired on a node asks for its host to be restarted.
	AnnotationRebootRequired = operatorPrefix + "reboot-required"
	// LabelBYOH on a node, with the value "true", tells that its host was brought, rather than made by a machine API.
	LabelBYOH = operatorPrefix + "byoh"
	// LabelUpgrading on a node, with the value "true", tells that it is being changed.
	LabelUpgrading = operatorPrefix + "upgrading"
	// LabelIgnore on a Machine, with the value "true", leaves it alone.
	LabelIgnore = operatorPrefix + "ignore"
)
